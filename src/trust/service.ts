import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../error.ts';
import { limits } from '../limits.ts';

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** For the whole answer, in milliseconds. */
  readonly patienceMs: number;
  /** Of the answer, unpacked. */
  readonly maxBytes: number;
  /** How often it is asked again where it is out of order, or cannot be reached. */
  readonly retries?: number;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly bytes: Buffer;
  /** Where `bytes` are JSON. */
  readonly json: unknown;
}

/**
 * Asks a service that signs, or says who does. What it is sent is secret, and for its host alone: it may redirect nowhere.
 *
 * Throws an `Error` that says what is wrong, without what was sent.
 */
export async function askService(url: URL, request: ServiceRequest): Promise<ServiceAnswer> {
  const response = await respond(url, request);
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new Error(`${url.host} redirects elsewhere, which is not followed`);
  }
  const bytes = await boundedBody(response, url, request.maxBytes);
  return { status: response.status, bytes, json: jsonIn(bytes) };
}

async function respond(url: URL, { retries = 0, ...request }: ServiceRequest): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await send(url, request).catch((thrown: unknown) => {
      if (attempt === retries) throw unreachable(url, thrown);
    });
    if (response !== undefined) {
      if (attempt === retries || !isPassing(response.status)) return response;
      await response.body?.cancel();
    }
    await pause(limits.httpBackoffMs * 2 ** attempt);
  }
}

function send(url: URL, { method, headers, body, patienceMs }: ServiceRequest): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      'user-agent': 'plimsoll',
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
  });
}

/** RFC 9110, 15.5.9 and 15.6; RFC 6585, 4. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

async function boundedBody({ body }: Response, { host }: URL, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`the answer of ${host} is too long: over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `fetch` says why in its cause only. */
function unreachable({ host }: URL, thrown: unknown): Error {
  const why = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  return new Error(`${host} cannot be reached: ${messageOf(why)}`, { cause: thrown });
}
