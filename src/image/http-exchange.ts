import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isLoopbackHost, leadsInside, listsHost } from './network-host.ts';

const drainMs = 200;

/** What one registry may make us do. Plain data. */
export interface HttpRules {
  /** Host of the registry, as in its origin. */
  readonly registry: string;
  /** Hosts that may be spoken to without TLS, besides loopback ones. */
  readonly plainHttp: readonly string[];
  /** Hosts that the registry may refer us to against the rules. */
  readonly allowRealm: readonly string[];
  readonly idleMs: number;
}

export interface HttpRequest {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` alone. */
  readonly authorization?: string | undefined;
  /** A form with secrets in it, which goes nowhere else. */
  readonly body?: string;
  readonly upload?: Upload | undefined;
}

/** Content for a registry to keep. */
export interface Upload {
  /** In bytes. */
  readonly size: number;
  /** From the start, each time it is called. What it throws is thrown as it is. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Came from another origin than was asked, after redirects: its demands for credentials are not met. */
  readonly elsewhere: boolean;
  /** To be read or cancelled. Throws `image/connection-lost` when it stalls or breaks off. */
  readonly body: AsyncGenerator<Uint8Array>;
  cancel(): Promise<void>;
}

/**
 * Sends a request and follows redirects by hand: a bounded number of them, never from https to http, never from a public
 * registry into the network we are in, and with the credentials only to the origin that was asked. An upload is sent again
 * where the redirect asks for the same request elsewhere (RFC 9110, 15.4: 307 and 308), and nowhere else.
 *
 * @throws PlimsollError `image/connection-lost` (worth another try), `image/registry-unreachable`, `image/refused-redirect`
 */
export async function exchange(request: HttpRequest, rules: HttpRules): Promise<HttpAnswer> {
  let url = request.url;
  for (let hops = 0; ; hops++) {
    const elsewhere = url.origin !== request.url.origin;
    const answer = await sendOnce(url, request, elsewhere, rules);
    const location = answer.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === null) return answer;
    await answer.cancel();
    if (request.body !== undefined)
      throw refusedRedirect(url, 'a token request with credentials in it is not passed on');
    if (request.upload !== undefined && answer.status !== 307 && answer.status !== 308)
      throw refusedRedirect(url, `it answered an upload with status ${answer.status}, which would lose what is sent`);
    if (hops === limits.httpRedirects)
      throw refusedRedirect(url, `it redirected more than ${limits.httpRedirects} times`);
    url = await redirected(url, location, rules);
  }
}

/**
 * Where `location` leads from `from`, by the rules for redirects; what comes of it may be another origin.
 *
 * @throws PlimsollError `image/refused-redirect`
 */
export async function redirected(from: URL, location: string, rules: HttpRules): Promise<URL> {
  if (!URL.canParse(location, from.href)) throw refusedRedirect(from, 'it redirected to something that is not a URL');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusedRedirect(from, `it redirected to ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw refusedRedirect(from, 'it redirected to a URL with credentials in it');
  if (url.protocol === 'http:' && (from.protocol === 'https:' || !mayBePlain(url.host, rules))) {
    throw refusedRedirect(from, `it redirected to ${url.host} without TLS`);
  }
  if (url.origin === from.origin) return url;
  if (!listsHost(rules.allowRealm, url.host) && (await leadsInside(rules.registry, url.host))) {
    throw refusedRedirect(from, `a public registry redirected to ${url.host}, which is inside this network`);
  }
  return url;
}

/** Without TLS only what does not leave the machine, or what the user named. */
export function mayBePlain(host: string, rules: Pick<HttpRules, 'plainHttp'>): boolean {
  return isLoopbackHost(host) || listsHost(rules.plainHttp, host);
}

async function sendOnce(url: URL, request: HttpRequest, elsewhere: boolean, rules: HttpRules): Promise<HttpAnswer> {
  const controller = new AbortController();
  const patience = waiting(url, rules.idleMs, controller);
  const headers: Record<string, string> = {
    'user-agent': 'plimsoll',
    'accept-encoding': 'identity',
    ...request.headers,
  };
  if (request.authorization !== undefined && !elsewhere) headers['authorization'] = request.authorization;
  const { upload } = request;
  const broken: { cause?: unknown } = {};
  async function* content({ open }: Upload): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of open()) {
        patience.progress(chunk.length);
        yield chunk;
      }
    } catch (thrown) {
      broken.cause = thrown;
      throw thrown;
    }
  }
  if (upload !== undefined) headers['content-length'] = `${upload.size}`;
  const body = upload === undefined ? request.body : upload.size === 0 ? '' : content(upload);
  const response = await patience
    .wait(
      fetch(url, {
        method: request.method ?? 'GET',
        headers,
        redirect: 'manual',
        signal: controller.signal,
        ...(body === undefined ? {} : { body, duplex: 'half' as const }),
      }),
    )
    .catch((thrown: unknown) => {
      if (broken.cause !== undefined) throw broken.cause;
      throw thrown instanceof PlimsollError ? thrown : connectionError(url, thrown);
    });
  const reader = response.body?.getReader();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const next = await patience.wait(reader?.read() ?? Promise.resolve({ done: true as const, value: undefined }));
        if (next.done) return;
        patience.progress(next.value.length);
        yield next.value;
      }
    } catch (thrown) {
      throw thrown instanceof PlimsollError ? thrown : connectionLost(url, messageOf(thrown), thrown);
    } finally {
      controller.abort();
    }
  }
  /** What is short is read to its end, so that the connection can be used again. */
  async function cancel(): Promise<void> {
    if (!(Number(response.headers.get('content-length') ?? Number.NaN) <= limits.httpErrorBytes)) {
      controller.abort();
      return;
    }
    const timer = setTimeout(() => controller.abort(), drainMs);
    try {
      for await (const _ of chunks());
    } catch {
      // Nobody wanted it.
    } finally {
      clearTimeout(timer);
    }
  }
  return { status: response.status, headers: response.headers, elsewhere, body: chunks(), cancel };
}

/** Counts only the time that is spent waiting for the other side, and starts anew with every bit of progress. */
function waiting(url: URL, idleMs: number, controller: AbortController) {
  let spent = 0;
  let arrived = 0;
  let start = 0;
  let timer: NodeJS.Timeout | undefined;
  const stall = () => controller.abort(connectionLost(url, `nothing came for ${idleMs / 1000} seconds`));
  const arm = () => {
    clearTimeout(timer);
    start = performance.now();
    timer = setTimeout(stall, Math.max(idleMs - spent, 1));
  };
  return {
    async wait<T>(step: Promise<T>): Promise<T> {
      arm();
      try {
        return await step;
      } finally {
        clearTimeout(timer);
        timer = undefined;
        spent += performance.now() - start;
      }
    },
    /** Bytes that came, or that the other side took while we wait for its answer. */
    progress(bytes: number): void {
      arrived += bytes;
      if (arrived < limits.httpProgressBytes) return;
      arrived = 0;
      spent = 0;
      if (timer !== undefined) arm();
    },
  };
}

/** Failures that another try does not mend: the name, the port or the certificate is wrong. */
const lasting = new Map([
  ['ENOTFOUND', 'there is no host of that name'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak TLS'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is signed by nobody we trust'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by nobody we trust'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by nobody we trust'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is signed by nobody we trust'],
]);

/** The system's or OpenSSL's code behind a failed `fetch`, such as `ECONNREFUSED`. */
export function failureCode(thrown: unknown): string | undefined {
  for (let cause = thrown, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string' && cause.name !== 'PlimsollError') return cause.code;
    if (cause instanceof AggregateError && cause.errors.length > 0) return failureCode(cause.errors[0]);
  }
  return undefined;
}

function connectionError(url: URL, thrown: unknown): PlimsollError {
  const code = failureCode(thrown);
  const why = code === undefined ? undefined : lasting.get(code);
  if (why === undefined && messageOf(thrown) !== 'fetch failed') return connectionLost(url, messageOf(thrown), thrown);
  if (why === undefined) {
    const cause = thrown instanceof Error ? messageOf(thrown.cause ?? thrown) : messageOf(thrown);
    return cause === 'bad port'
      ? unreachable(url, 'the port is reserved for another protocol', thrown)
      : connectionLost(url, cause, thrown);
  }
  return unreachable(url, why, thrown);
}

function unreachable(url: URL, why: string, cause: unknown): PlimsollError {
  const hint = why.includes('certificate')
    ? 'For a certificate authority of your own set NODE_EXTRA_CA_CERTS to its PEM file.'
    : why.includes('TLS')
      ? `If it is meant to speak plain HTTP, say so: --plain-http ${url.host}.`
      : 'Check the name of the registry and the network.';
  return new PlimsollError('image/registry-unreachable', `${url.host} cannot be reached: ${why}`, {
    hint,
    kind: 'unavailable',
    cause,
  });
}

function connectionLost(url: URL, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('image/connection-lost', `The connection to ${url.host} failed: ${why}`, {
    hint: 'Try again. If it stays so, check the network and the registry.',
    kind: 'unavailable',
    cause,
  });
}

function refusedRedirect(from: URL, why: string): PlimsollError {
  return new PlimsollError('image/refused-redirect', `${from.host} was not followed: ${why}`, {
    hint: 'A registry that does this is misconfigured or hostile. Plain HTTP and inside hosts can be allowed by name.',
    kind: 'unavailable',
  });
}
