import { setTimeout as pause } from 'node:timers/promises';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { inOnePiece } from './blob-content.ts';
import type { Descriptor } from './descriptor.ts';
import { sha256Of } from './digest.ts';
import { type HttpAnswer, type HttpRules, redirected } from './http-exchange.ts';
import type { RegistryClient } from './registry-client.ts';
import { isConnectionLost, type RegistryRequest, type RegistrySession } from './registry-session.ts';
import type { BlobContent } from './store.ts';

export interface RegistryPush {
  putBlob(content: BlobContent): Promise<void>;
  /** `subject`: of what the registry by itself lists it as a referrer (`OCI-Subject`). */
  putManifest(
    bytes: Buffer,
    mediaType: string,
    tag?: string,
  ): Promise<{ readonly descriptor: Descriptor; readonly subject: string | undefined }>;
}

export interface PushOptions extends HttpRules {
  readonly backoffMs: number;
}

/**
 * The push side of OCI distribution-spec v1.1 for one repository. Nothing counts as stored that is not there when asked for.
 * Its errors are `image/not-kept`, `image/push-refused`, `image/forbidden` and those of the session.
 */
export function registryPush(session: RegistrySession, client: RegistryClient, options: PushOptions): RegistryPush {
  async function putBlob(content: BlobContent): Promise<void> {
    session.startPush();
    for (let failures = 0; ; failures++) {
      if (await client.hasBlob(content.digest)) return;
      try {
        await upload(content);
        break;
      } catch (thrown) {
        // What was sent of an upload that broke off stays in it: the next one starts anew.
        if (!isWorthAnother(thrown) || failures >= limits.httpRetries) throw thrown;
        await pause(options.backoffMs * 2 ** failures);
      }
    }
    await present(() => client.hasBlob(content.digest), `blob ${content.digest}`);
  }

  async function upload(content: BlobContent): Promise<void> {
    const start = await startUpload(content);
    if (start === 'mounted') return;
    const url = await uploadUrl(start.request.url, start.answer, content.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const request: RegistryRequest = { url, method: 'PUT', headers, upload: content, once: true };
    await done(request, await session.ask(request));
  }

  async function startUpload({ digest, from }: BlobContent) {
    const url = session.url('blobs/uploads/');
    const mountFrom =
      from?.registry === options.registry && from.repository !== session.repository ? from.repository : undefined;
    if (mountFrom !== undefined) {
      const mount = new URL(url);
      mount.search = new URLSearchParams({ mount: digest, from: mountFrom }).toString();
      const request: RegistryRequest = { ...opening(mount), mountFrom };
      // Who may not read there uploads like anybody else.
      const answer = await session.ask(request).catch(() => undefined);
      await answer?.cancel();
      if (answer?.status === 201) return 'mounted' as const;
      if (answer?.status === 202) return { request, answer };
    }
    const request = opening(url);
    const answer = await session.ask(request);
    if (answer.status !== 202) throw await session.refusal(request, answer);
    await answer.cancel();
    return { request, answer };
  }

  async function uploadUrl(from: URL, answer: HttpAnswer, digest: string): Promise<URL> {
    const location = answer.headers.get('location');
    if (location === null) throw noLocation(from);
    const url = await redirected(from, location, options);
    // What the registry put into the address may be signed: it is left as it is.
    url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    return url;
  }

  async function putManifest(bytes: Buffer, mediaType: string, tag?: string) {
    session.startPush();
    const digest = sha256Of(bytes);
    const request: RegistryRequest = {
      url: session.url(`manifests/${tag ?? digest}`),
      method: 'PUT',
      headers: { 'content-type': mediaType },
      upload: { size: bytes.length, open: () => inOnePiece(bytes) },
    };
    const answer = await session.ask(request);
    const subject = answer.headers.get('oci-subject') ?? undefined;
    await done(request, answer);
    await present(async () => (await client.manifest(digest)) !== undefined, `manifest ${digest}`);
    return { descriptor: { mediaType, digest, size: bytes.length }, subject };
  }

  async function done(request: RegistryRequest, answer: HttpAnswer): Promise<void> {
    if (answer.status < 200 || answer.status > 299) throw await session.refusal(request, answer);
    await answer.cancel();
  }

  /** Some registries take a moment until what was stored is found. */
  async function present(isThere: () => Promise<boolean>, what: string): Promise<void> {
    for (let failures = 0; !(await isThere()); failures++) {
      if (failures >= limits.httpRetries) throw notKept(options.registry, what);
      await pause(options.backoffMs * 2 ** failures);
    }
  }

  return { putBlob, putManifest };
}

function opening(url: URL): RegistryRequest {
  return { url, method: 'POST', headers: {}, upload: { size: 0, open: nothing } };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** OCI distribution-spec v1.1, "Pushing a blob monolithically": a failed upload is begun again. */
function isWorthAnother(thrown: unknown): boolean {
  if (isConnectionLost(thrown)) return true;
  return thrown instanceof PlimsollError && ['image/registry-error', 'image/rate-limited'].includes(thrown.code);
}

/** The place took it, and does not have it. */
export function notKept(where: string, what: string): PlimsollError {
  return new PlimsollError('image/not-kept', `${where} took ${what}, and does not have it now`, {
    hint: 'What was written there is lost. Ask whoever runs the registry; do not rely on it until it keeps what it takes.',
    kind: 'unavailable',
  });
}

function noLocation(from: URL): PlimsollError {
  return new PlimsollError('image/registry-error', `${from.host} began an upload and did not say where it goes`, {
    hint: 'The registry does not follow the OCI distribution specification. Ask whoever runs it.',
    kind: 'unavailable',
  });
}
