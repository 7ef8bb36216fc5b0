import { setTimeout as pause } from 'node:timers/promises';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Credentials } from './credentials.ts';
import { isRecord } from './descriptor.ts';
import { exchange, type HttpAnswer, type HttpRequest, type HttpRules } from './http-exchange.ts';
import { authorizationFor, parseChallenges, readText } from './registry-auth.ts';

/** All that is needed to speak to a registry. Plain data, so that it can be handed to a worker thread; it holds secrets. */
export interface RegistryAccess extends HttpRules {
  /** `https://registry-1.docker.io`. */
  readonly origin: string;
  readonly credentials?: Credentials | undefined;
  /** Why credentials may be missing, as sentences. */
  readonly problems: readonly string[];
  /** An `Authorization` header that the registry took before. */
  readonly authorization?: string | undefined;
  readonly backoffMs: number;
}

/** A request to the registry, or to where it referred us to. */
export interface RegistryRequest extends Pick<HttpRequest, 'url' | 'method' | 'headers' | 'upload'> {
  /** Another repository, which is read from. */
  readonly mountFrom?: string | undefined;
  /** Whether a failure is only told, because the same request cannot be sent twice. */
  readonly once?: boolean;
}

/** Requests to one repository, with the credentials it demands, repeated where that may help. */
export interface RegistrySession {
  readonly repository: string;
  /** `path` is under `/v2/REPOSITORY/`. */
  url(path: string): URL;
  /** From now on everything asks for the right to push: who may push to a repository that is to come may not read it yet. */
  startPush(): void;
  /**
   * Answers of any status but those that mean to come again; the body is to be read or cancelled.
   *
   * @throws PlimsollError `image/unauthorized`, `image/rate-limited`, `image/registry-error`, and those of the exchange and
   * of the token service
   */
  ask(request: RegistryRequest): Promise<HttpAnswer>;
  /** What an answer that is none of the expected ones means. */
  refusal(request: RegistryRequest, answer: HttpAnswer): Promise<PlimsollError>;
  /** With the authorization that worked last. */
  access(): RegistryAccess;
}

export function registrySession(given: RegistryAccess, repository: string): RegistrySession {
  /** By what the token is good for, so that one that can push is never asked for to read. */
  let pushing = false;
  const authorizations = new Map<string, string | undefined>([['pull', given.authorization]]);

  async function ask(request: RegistryRequest): Promise<HttpAnswer> {
    const { url, mountFrom, once = false } = request;
    // Credentials go to the registry itself, and not to where it refers us to.
    const own = url.origin === given.origin;
    const right = mountFrom === undefined ? (pushing ? 'push' : 'pull') : `mount ${mountFrom}`;
    let authorized = false;
    for (let failures = 0; ; ) {
      let wait: number;
      try {
        const answer = await exchange(
          { ...request, authorization: own ? authorizations.get(right) : undefined },
          given,
        );
        if (answer.status === 401 && own && !answer.elsewhere && !authorized) {
          authorized = true;
          await answer.cancel();
          const challenges = parseChallenges(answer.headers.get('www-authenticate') ?? '');
          const purpose = { repository, push: pushing, mountFrom };
          const authorization = await authorizationFor(challenges, purpose, given.credentials, given);
          if (authorization === undefined) throw unauthorized(url, given, '');
          authorizations.set(right, authorization);
          continue;
        }
        if (![408, 429, 500, 502, 503, 504].includes(answer.status)) return answer;
        wait = retryAfter(answer.headers) ?? given.backoffMs * 2 ** failures;
        if (once || failures >= limits.httpRetries || wait > limits.httpRetryAfterMs)
          throw await refusal(request, answer, given);
        await answer.cancel();
      } catch (thrown) {
        if (once || !isConnectionLost(thrown) || failures >= limits.httpRetries) throw thrown;
        wait = given.backoffMs * 2 ** failures;
      }
      failures++;
      await pause(wait);
    }
  }

  return {
    repository,
    url: (path) => new URL(`/v2/${repository}/${path}`, given.origin),
    startPush() {
      pushing = true;
    },
    ask,
    refusal: (request, answer) => refusal(request, answer, given),
    access: () => ({ ...given, authorization: authorizations.get('pull') }),
  };
}

/** Seconds or a date (RFC 9110, 10.2.3), in milliseconds. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

export function isConnectionLost(thrown: unknown): boolean {
  return thrown instanceof PlimsollError && thrown.code === 'image/connection-lost';
}

/** What the registry says about its refusal (distribution-spec, "Error Codes"), as far as it says anything. */
async function complaint(answer: HttpAnswer): Promise<string> {
  try {
    const json: unknown = JSON.parse(await readText(answer.body, limits.httpErrorBytes));
    const errors = isRecord(json) && Array.isArray(json['errors']) ? json['errors'].filter(isRecord) : [];
    const text = errors.map(({ code, message }) => [message, code].find(isText) ?? '').join('; ');
    return text === '' ? '' : `: ${text.slice(0, 300)}`;
  } catch {
    await answer.cancel();
    return '';
  }
}

function isText(json: unknown): json is string {
  return typeof json === 'string' && json !== '';
}

async function refusal(
  { url, method }: RegistryRequest,
  answer: HttpAnswer,
  access: RegistryAccess,
): Promise<PlimsollError> {
  const push = method === 'PUT' || method === 'POST';
  const said = await complaint(answer);
  const what = `${url.host} answered ${answer.status} for ${url.pathname}${said}`;
  if (answer.status === 401 && !answer.elsewhere) return unauthorized(url, access, said);
  if (answer.status === 403 || answer.status === 401) {
    return new PlimsollError('image/forbidden', what, {
      hint: push
        ? 'These credentials may not push there, or the repository does not take this.'
        : 'The image does not exist, or these credentials may not pull it.',
      kind: 'unavailable',
    });
  }
  if (answer.status === 429) {
    return new PlimsollError('image/rate-limited', what, {
      hint: 'The registry counts pulls. Log in for a higher limit, or try again later.',
      kind: 'unavailable',
    });
  }
  if (push && answer.status >= 400 && answer.status < 500) {
    return new PlimsollError('image/push-refused', what, {
      hint: 'The registry does not take this: its own words say why. Tags that must not change are one reason.',
      kind: 'unavailable',
    });
  }
  return new PlimsollError('image/registry-error', what, {
    hint: 'The registry has a problem. Try again later, or ask whoever runs it.',
    kind: 'unavailable',
  });
}

function unauthorized(url: URL, access: RegistryAccess, said: string): PlimsollError {
  const problems = access.problems.length === 0 ? '' : ` (${access.problems.join('; ')})`;
  // Docker Hub is logged in to by the name that people know.
  const login = access.registry === 'registry-1.docker.io' ? 'docker.io' : access.registry;
  const what = access.credentials === undefined ? 'wants credentials' : 'does not take the credentials';
  return new PlimsollError('image/unauthorized', `${access.registry} ${what} for ${url.pathname}${said}${problems}`, {
    hint: `The image does not exist, or is private: check its name, or log in with docker login ${login}.`,
    kind: 'unavailable',
  });
}
