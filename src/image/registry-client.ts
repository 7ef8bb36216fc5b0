import { setTimeout as pause } from 'node:timers/promises';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isDigest, sha256Of, verifyDigest } from './digest.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { mediaTypes } from './media-type.ts';
import { readBytes } from './registry-auth.ts';
import { isConnectionLost, type RegistryAccess, type RegistrySession, registrySession } from './registry-session.ts';

export interface RegistryClient {
  /** `wanted`: tag or digest. A digest is verified; a tag's is computed. `undefined`: the registry does not have it. */
  manifest(wanted: string): Promise<RegistryManifest | undefined>;
  /** Exactly `size` bytes, not hashed. Broken connections are taken up where they broke off. */
  blob(digest: string, size: number): AsyncGenerator<Uint8Array>;
  hasBlob(digest: string): Promise<boolean>;
  /** With the authorization that worked last. */
  access(): RegistryAccess;
}

export interface RegistryManifest {
  readonly bytes: Buffer;
  readonly digest: string;
  /** `Content-Type`, without parameters. */
  readonly stated: string | undefined;
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
 * The pull side of OCI distribution-spec v1.1 for one repository. Its errors are `image/forbidden`, `image/length-mismatch`,
 * `image/digest-mismatch` and those of the session.
 */
export function registryClient(given: RegistryAccess, repository: string): RegistryClient {
  return clientOf(registrySession(given, repository), given.backoffMs);
}

export function clientOf(session: RegistrySession, backoffMs: number): RegistryClient {
  async function manifest(wanted: string) {
    const request = { url: session.url(`manifests/${wanted}`), headers: { accept: acceptedManifests } };
    const answer = await session.ask(request);
    if (answer.status === 404) {
      await answer.cancel();
      return undefined;
    }
    if (answer.status !== 200) throw await session.refusal(request, answer);
    const bytes = await readBytes(answer.body, limits.manifestBytes);
    const stated = answer.headers.get('docker-content-digest');
    const digest = isDigest(wanted) ? wanted : stated !== null && isDigest(stated) ? stated : sha256Of(bytes);
    verifyDigest(bytes, digest, 'The manifest');
    return { bytes, digest, stated: contentType(answer) };
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
        await pause(backoffMs * 2 ** failures++);
      }
    }
  }

  /** The blob from `start` on; `skip` bytes too many where the registry gives no ranges (RFC 9110, 14.2). */
  async function blobFrom(digest: string, size: number, start: number) {
    const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
    const request = { url: session.url(`blobs/${digest}`), headers };
    const answer = await session.ask(request);
    if (answer.status === 404) throw await missingBlob(digest, answer);
    if (answer.status !== 200 && !(answer.status === 206 && start > 0)) throw await session.refusal(request, answer);
    const encoding = answer.headers.get('content-encoding');
    const stated = statedLength(answer, start);
    if ((encoding !== null && encoding !== 'identity') || (stated !== undefined && stated !== size)) {
      await answer.cancel();
      throw wrongLength(digest, size, stated === undefined ? `${encoding}-encoded` : `${stated}`);
    }
    return { body: answer.body, skip: answer.status === 200 ? start : 0 };
  }

  async function hasBlob(digest: string): Promise<boolean> {
    const answer = await session.ask({ url: session.url(`blobs/${digest}`), headers: {}, method: 'HEAD' });
    await answer.cancel();
    return answer.status === 200;
  }

  return { manifest, blob, hasBlob, access: session.access };
}

/** `Content-Type` without parameters, in lower case. */
export function contentType({ headers }: HttpAnswer): string | undefined {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
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
