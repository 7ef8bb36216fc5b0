import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `limits.httpIdleMs`. */
  readonly idleMs?: number | undefined;
  /** Before the first repetition; doubled for each one after. Default 500. */
  readonly retryDelayMs?: number | undefined;
  /** Bytes so far, and all of them where the server says how many. */
  readonly onBytes?: ((done: number, total: number | undefined) => void) | undefined;
}

/** Takes the bytes that come, with where they belong: a repetition starts at 0 again. */
type Sink = (chunk: Uint8Array, at: number) => unknown;

/** What may pass when tried again: a lost connection, a busy server. */
class Passing extends Error {}

/**
 * The bytes at an address; undefined where there is nothing (404, 410).
 * @throws PlimsollError `vuln/download-failed`, `vuln/update-cancelled`
 */
export async function downloadBytes(url: URL, maxBytes: number, options: DownloadOptions): Promise<Buffer | undefined> {
  let chunks: Uint8Array[] = [];
  const found = await download(url, maxBytes, options, (chunk, at) => {
    if (at === 0) chunks = [];
    chunks.push(chunk);
  });
  return found ? Buffer.concat(chunks) : undefined;
}

/** The same, into a file. False where there is nothing. */
export async function downloadFile(
  url: URL,
  path: string,
  maxBytes: number,
  options: DownloadOptions,
): Promise<boolean> {
  const file = await open(path, 'w');
  try {
    return await download(url, maxBytes, options, async (chunk, at) => {
      if (at === 0) await file.truncate(0);
      await file.write(chunk, 0, chunk.length, at);
    });
  } finally {
    await file.close();
  }
}

async function download(url: URL, maxBytes: number, options: DownloadOptions, sink: Sink): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await receive(url, maxBytes, options, sink);
    } catch (thrown) {
      if (options.signal?.aborted === true) throw cancelled(thrown);
      if (!(thrown instanceof Passing)) throw thrown;
      if (attempt === limits.httpRetries) throw failed(url, `${thrown.message} (tried ${attempt + 1} times)`, thrown);
    }
    const pause = (options.retryDelayMs ?? 500) * 2 ** attempt;
    await delay(pause, undefined, { signal: options.signal }).catch((thrown) => {
      throw cancelled(thrown);
    });
  }
}

async function receive(url: URL, maxBytes: number, options: DownloadOptions, sink: Sink): Promise<boolean> {
  const idleMs = options.idleMs ?? limits.httpIdleMs;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`nothing came for ${idleMs / 1000} seconds`)), idleMs);
  const signal = options.signal === undefined ? stall.signal : AbortSignal.any([stall.signal, options.signal]);
  try {
    const response = await follow(url, signal);
    if (response.status === 404 || response.status === 410) return false;
    if (response.status === 429 || response.status >= 500) throw new Passing(`the server answered ${response.status}`);
    if (response.status !== 200) throw failed(url, `the server answered ${response.status}`);
    const stated = response.headers.get('content-length');
    const total = stated === null || response.headers.has('content-encoding') ? undefined : Number(stated);
    if (total !== undefined && total > maxBytes) throw tooLarge(url, maxBytes);
    let done = 0;
    let counted = 0;
    if (total === 0) await sink(new Uint8Array(), 0);
    for await (const chunk of chunksOf(response, signal)) {
      if (done + chunk.length > maxBytes) throw tooLarge(url, maxBytes);
      await sink(chunk, done);
      done += chunk.length;
      // A trickle counts as stalled too.
      if (done - counted >= limits.httpProgressBytes) {
        counted = done;
        timer.refresh();
      }
      options.onBytes?.(done, total);
    }
    if (total !== undefined && done !== total) throw new Passing(`${done} of ${total} bytes came`);
    return true;
  } catch (thrown) {
    if (stall.signal.aborted) throw new Passing(messageOf(stall.signal.reason));
    throw thrown;
  } finally {
    clearTimeout(timer);
    stall.abort();
  }
}

/** By hand, to bound redirects, never to leave TLS, and to keep credentials with the one they are for. */
async function follow(start: URL, signal: AbortSignal): Promise<Response> {
  let url = start;
  for (let hops = 0; hops <= limits.httpRedirects; hops++) {
    const response = await ask(url, url.origin === start.origin ? start : undefined, signal);
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(location, url.href)) throw failed(start, 'it redirected to something that is not a URL');
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && (next.protocol !== 'http:' || url.protocol === 'https:')) {
      throw failed(start, `it redirected to ${next.protocol}//${next.host}, which is not safe`);
    }
    url = next;
  }
  throw failed(start, `it redirected more than ${limits.httpRedirects} times`);
}

async function ask(url: URL, credentials: URL | undefined, signal: AbortSignal): Promise<Response> {
  const plain = withoutCredentials(url);
  const headers: Record<string, string> = { 'user-agent': 'plimsoll', 'accept-encoding': 'identity' };
  if (credentials !== undefined && credentials.username !== '') {
    const pair = `${decodeURIComponent(credentials.username)}:${decodeURIComponent(credentials.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  try {
    return await fetch(plain, { headers, redirect: 'manual', signal });
  } catch (thrown) {
    throw new Passing(reasonOf(thrown));
  }
}

async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) yield chunk;
  } catch (thrown) {
    throw signal.aborted ? thrown : new Passing(reasonOf(thrown));
  }
}

export function withoutCredentials(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

/** `fetch` says only "fetch failed"; what happened is its cause. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && cause.message !== '' ? cause.message : messageOf(thrown);
}

function failed(url: URL, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/download-failed', `${withoutCredentials(url)} could not be downloaded: ${why}.`, {
    hint: 'Try again, or give a mirror or a folder with --from. The old data, if any, was kept.',
    kind: 'unavailable',
    cause,
  });
}

function tooLarge(url: URL, maxBytes: number): PlimsollError {
  return failed(url, `it is larger than the ${maxBytes} bytes allowed`);
}

export function cancelled(cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/update-cancelled', 'The update was cancelled.', {
    hint: 'The old data, if any, was kept. Run it again: plimsoll db update',
    kind: 'unavailable',
    cause,
  });
}
