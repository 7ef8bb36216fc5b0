import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isLoopbackHost, leadsInside, listsHost } from './network-host.ts';

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
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the registry's own origin alone. */
  readonly authorization?: string | undefined;
  readonly body?: string;
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
 * registry into the network we are in, and with the credentials only to the origin that was asked.
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
    if (hops === limits.httpRedirects)
      throw refusedRedirect(url, `it redirected more than ${limits.httpRedirects} times`);
    url = await redirected(url, location, rules);
  }
}

async function redirected(from: URL, location: string, rules: HttpRules): Promise<URL> {
  if (!URL.canParse(location, from.href)) throw refusedRedirect(from, 'it redirected to something that is not a URL');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusedRedirect(from, `it redirected to ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw refusedRedirect(from, 'it redirected to a URL with credentials in it');
  if (url.protocol === 'http:' && (from.protocol === 'https:' || !mayBePlain(url.host, rules))) {
    throw refusedRedirect(from, `it redirected to ${url.host} without TLS`);
  }
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
  const response = await patience
    .wait(
      fetch(url, {
        method: request.method ?? 'GET',
        headers,
        redirect: 'manual',
        signal: controller.signal,
        ...(request.body === undefined ? {} : { body: request.body }),
      }),
    )
    .catch((thrown: unknown) => {
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
  const cancel = async () => controller.abort();
  return { status: response.status, headers: response.headers, elsewhere, body: chunks(), cancel };
}

/** Counts only the time that is spent waiting for the other side, and starts anew with every bit of progress. */
function waiting(url: URL, idleMs: number, controller: AbortController) {
  let spent = 0;
  let arrived = 0;
  return {
    async wait<T>(step: Promise<T>): Promise<T> {
      const start = performance.now();
      const stall = () => controller.abort(connectionLost(url, `nothing came for ${idleMs / 1000} seconds`));
      const timer = setTimeout(stall, Math.max(idleMs - spent, 1));
      try {
        return await step;
      } finally {
        clearTimeout(timer);
        spent += performance.now() - start;
      }
    },
    progress(bytes: number): void {
      arrived += bytes;
      if (arrived < limits.httpProgressBytes) return;
      arrived = 0;
      spent = 0;
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
