import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Credentials } from './credentials.ts';
import { isDigest, sha256Of, verifyDigest } from './digest.ts';
import { exchange, type HttpAnswer, type HttpRules } from './http-exchange.ts';
import { mediaTypes } from './manifest.ts';
import { authorizationFor, parseChallenges, readBytes, readText } from './registry-auth.ts';

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

export interface RegistryClient {
  /** `wanted`: tag or digest. A digest is verified; a tag's is computed. `undefined`: the registry does not have it. */
  manifest(wanted: string): Promise<{ readonly bytes: Buffer; readonly digest: string } | undefined>;
  /** Exactly `size` bytes, not hashed. Broken connections are taken up where they broke off. */
  blob(digest: string, size: number): AsyncGenerator<Uint8Array>;
  hasBlob(digest: string): Promise<boolean>;
  /** With the authorization that worked last. */
  access(): RegistryAccess;
}

const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(', ');

/** Progress after which a broken connection counts as the first one again. */
const resumeProgressBytes = 1024 * 1024;

/**
 * The pull side of OCI distribution-spec v1.1 for one repository. Its errors are `image/unauthorized`, `image/forbidden`,
 * `image/rate-limited`, `image/registry-error`, `image/length-mismatch`, `image/digest-mismatch` and those of the exchange
 * and of the token service.
 */
export function registryClient(given: RegistryAccess, repository: string): RegistryClient {
  let authorization = given.authorization;

  /** Sends, answers a demand for credentials once, and tries again where that may help. */
  async function ask(
    path: string,
    headers: Readonly<Record<string, string>>,
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<HttpAnswer> {
    const url = new URL(`/v2/${repository}/${path}`, given.origin);
    let authorized = false;
    for (let failures = 0; ; ) {
      let wait: number;
      try {
        const answer = await exchange({ url, method, headers, authorization }, given);
        if (answer.status === 401 && !answer.elsewhere && !authorized) {
          authorized = true;
          await answer.cancel();
          const challenges = parseChallenges(answer.headers.get('www-authenticate') ?? '');
          authorization = await authorizationFor(challenges, repository, given.credentials, given);
          if (authorization === undefined) throw unauthorized(url, given, '');
          continue;
        }
        if (![408, 429, 500, 502, 503, 504].includes(answer.status)) return answer;
        wait = retryAfter(answer.headers) ?? given.backoffMs * 2 ** failures;
        if (failures >= limits.httpRetries || wait > limits.httpRetryAfterMs) throw await refusal(url, answer, given);
        await answer.cancel();
      } catch (thrown) {
        if (!isConnectionLost(thrown) || failures >= limits.httpRetries) throw thrown;
        wait = given.backoffMs * 2 ** failures;
      }
      failures++;
      await pause(wait);
    }
  }

  async function manifest(wanted: string) {
    const url = new URL(`/v2/${repository}/manifests/${wanted}`, given.origin);
    const answer = await ask(`manifests/${wanted}`, { accept: acceptedManifests });
    if (answer.status === 404) {
      await answer.cancel();
      return undefined;
    }
    if (answer.status !== 200) throw await refusal(url, answer, given);
    const bytes = await readBytes(answer.body, limits.manifestBytes);
    const stated = answer.headers.get('docker-content-digest');
    const digest = isDigest(wanted) ? wanted : stated !== null && isDigest(stated) ? stated : sha256Of(bytes);
    verifyDigest(bytes, digest, 'The manifest');
    return { bytes, digest };
  }

  async function* blob(digest: string, size: number): AsyncGenerator<Uint8Array> {
    let received = 0;
    let failures = 0;
    let mark = 0;
    while (received < size) {
      try {
        const { body, skip } = await blobFrom(digest, size, received);
        let ignore = skip;
        for await (const chunk of body) {
          const fresh = ignore === 0 ? chunk : chunk.subarray(Math.min(ignore, chunk.length));
          ignore -= chunk.length - fresh.length;
          if (received + fresh.length > size) throw wrongLength(digest, size, 'more');
          received += fresh.length;
          if (fresh.length > 0) yield fresh;
        }
        if (received < size) throw brokenOff(digest, size, received);
      } catch (thrown) {
        if (!isConnectionLost(thrown)) throw thrown;
        if (received === size) return;
        if (received - mark >= resumeProgressBytes) failures = 0;
        mark = received;
        if (failures >= limits.httpRetries) throw thrown;
        await pause(given.backoffMs * 2 ** failures++);
      }
    }
  }

  /** The blob from `start` on; `skip` bytes too many where the registry gives no ranges (RFC 9110, 14.2). */
  async function blobFrom(digest: string, size: number, start: number) {
    const url = new URL(`/v2/${repository}/blobs/${digest}`, given.origin);
    const answer = await ask(`blobs/${digest}`, start === 0 ? {} : { range: `bytes=${start}-` });
    if (answer.status === 404) throw await missingBlob(digest, answer);
    if (answer.status !== 200 && !(answer.status === 206 && start > 0)) throw await refusal(url, answer, given);
    const encoding = answer.headers.get('content-encoding');
    const stated = statedLength(answer, start);
    if ((encoding !== null && encoding !== 'identity') || (stated !== undefined && stated !== size)) {
      await answer.cancel();
      throw wrongLength(digest, size, stated === undefined ? `${encoding}-encoded` : `${stated}`);
    }
    return { body: answer.body, skip: answer.status === 200 ? start : 0 };
  }

  async function hasBlob(digest: string): Promise<boolean> {
    const answer = await ask(`blobs/${digest}`, {}, 'HEAD');
    await answer.cancel();
    return answer.status === 200;
  }

  return { manifest, blob, hasBlob, access: () => ({ ...given, authorization }) };
}

/** The length of the whole blob, as the answer has it. `NaN`, which no size equals, where a range is not the one asked for. */
function statedLength(answer: HttpAnswer, start: number): number | undefined {
  if (answer.status === 206) {
    const range = /^bytes ([0-9]{1,15})-[0-9]{1,15}\/([0-9]{1,15})$/.exec(answer.headers.get('content-range') ?? '');
    return Number(range?.[1]) === start ? Number(range?.[2]) : Number.NaN;
  }
  const length = answer.headers.get('content-length');
  return length === null ? undefined : Number(length);
}

/** Seconds or a date (RFC 9110, 10.2.3), in milliseconds. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(seconds) ? undefined : Math.max(seconds, 0);
}

function isConnectionLost(thrown: unknown): boolean {
  return thrown instanceof PlimsollError && thrown.code === 'image/connection-lost';
}

const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() })).min(1),
});

/** What the registry says about its refusal (distribution-spec, "Error Codes"), as far as it says anything. */
async function complaint(answer: HttpAnswer): Promise<string> {
  try {
    const { errors } = errorsSchema.parse(JSON.parse(await readText(answer.body, limits.httpErrorBytes)));
    const text = errors.map(({ code, message }) => message || code || '').join('; ');
    return text === '' ? '' : `: ${text.slice(0, 300)}`;
  } catch {
    await answer.cancel();
    return '';
  }
}

async function refusal(url: URL, answer: HttpAnswer, access: RegistryAccess): Promise<PlimsollError> {
  const said = await complaint(answer);
  const what = `${url.host} answered ${answer.status} for ${url.pathname}${said}`;
  if (answer.status === 401 && !answer.elsewhere) return unauthorized(url, access, said);
  if (answer.status === 403 || answer.status === 401) {
    return new PlimsollError('image/forbidden', what, {
      hint: 'The image does not exist, or these credentials may not pull it.',
      kind: 'unavailable',
    });
  }
  if (answer.status === 429) {
    return new PlimsollError('image/rate-limited', what, {
      hint: 'The registry counts pulls. Log in for a higher limit, or try again later.',
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

async function missingBlob(digest: string, answer: HttpAnswer): Promise<PlimsollError> {
  await answer.cancel();
  return new PlimsollError('image/blob-missing', `The registry does not have blob ${digest}, which the image names`, {
    hint: 'The image is incomplete. Push it again.',
    kind: 'unavailable',
  });
}

function brokenOff(digest: string, size: number, received: number): PlimsollError {
  return new PlimsollError('image/connection-lost', `Blob ${digest} broke off after ${received} of ${size} bytes`, {
    hint: 'Try again. If it stays so, the registry does not have the whole blob.',
    kind: 'unavailable',
  });
}

function wrongLength(digest: string, size: number, sent: string): PlimsollError {
  return new PlimsollError(
    'image/length-mismatch',
    `The registry sends ${sent} bytes for blob ${digest} of ${size} bytes`,
    {
      hint: 'What it sends is not what the image names. Check the registry, and any cache or proxy on the way.',
    },
  );
}
