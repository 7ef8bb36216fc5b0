/** For tests: what a test registry takes, and how it lists what is attached (OCI distribution-spec v1.1, "Push", "Listing Referrers"). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonObject, parseDescriptor } from './descriptor.ts';
import { sha256Of } from './digest.ts';
import { mediaTypes } from './media-type.ts';
import { referrerDescriptor, subjectOf } from './referrer.ts';
import { json, type TestBlob } from './testing-image.ts';
import { refuse, send } from './testing-registry-answer.ts';

interface Shelves {
  readonly manifests: Map<string, TestBlob>;
  readonly blobs: Map<string, TestBlob>;
}

interface PushOptions {
  readonly referrers?: boolean;
  readonly pageSize?: number;
  readonly forgets?: (path: string) => boolean;
}

/** Answers what it knows; `false`: it is something else. */
export function pushSide({ manifests, blobs }: Shelves, options: PushOptions) {
  let uploads = 0;
  /** What came of a blob before its end, by the path of its upload. */
  const begun = new Map<string, Buffer>();

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const [, repository, kind, name] =
      /^\/v2\/(.+)\/(blobs\/uploads|manifests|referrers)\/([^/]*)$/.exec(url.pathname) ?? [];
    if (repository === undefined || name === undefined) return false;
    if (kind === 'referrers' && options.referrers === true) listReferrers(repository, name, url, response);
    else if (kind === 'blobs/uploads' && request.method === 'POST') startUpload(repository, url, response);
    else if (kind === 'blobs/uploads' && request.method === 'PATCH') {
      collect(request, (bytes) => takeChunk(url, bytes, response));
    } else if (kind === 'blobs/uploads' && request.method === 'PUT') {
      collect(request, (bytes) => takeBlob(repository, url, bytes, response));
    } else if (kind === 'manifests' && request.method === 'PUT') {
      const mediaType = request.headers['content-type'] ?? '';
      collect(request, (bytes) => takeManifest(repository, name, { bytes, mediaType }, url.pathname, response));
    } else return false;
    return true;
  };

  function startUpload(repository: string, url: URL, response: ServerResponse): void {
    const digest = url.searchParams.get('mount');
    const there = blobs.get(`${url.searchParams.get('from')}@${digest}`);
    if (there !== undefined) {
      blobs.set(`${repository}@${digest}`, there);
      response.setHeader('location', `/v2/${repository}/blobs/${digest}`);
      send(response, 201, Buffer.alloc(0));
      return;
    }
    response.setHeader('location', `/v2/${repository}/blobs/uploads/${++uploads}?state=a%2Fb`);
    send(response, 202, Buffer.alloc(0));
  }

  function takeChunk(url: URL, bytes: Buffer, response: ServerResponse): void {
    begun.set(url.pathname, Buffer.concat([begun.get(url.pathname) ?? Buffer.alloc(0), bytes]));
    response.setHeader('location', `${url.pathname}${url.search}`);
    send(response, 202, Buffer.alloc(0));
  }

  function takeBlob(repository: string, url: URL, end: Buffer, response: ServerResponse): void {
    const bytes = Buffer.concat([begun.get(url.pathname) ?? Buffer.alloc(0), end]);
    const digest = url.searchParams.get('digest') ?? '';
    if (sha256Of(bytes) !== digest || url.searchParams.get('state') !== 'a/b') {
      refuse(response, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
      return;
    }
    if (options.forgets?.(`/v2/${repository}/blobs/${digest}`) !== true) {
      blobs.set(`${repository}@${digest}`, { digest, mediaType: 'application/octet-stream', bytes });
    }
    send(response, 201, Buffer.alloc(0));
  }

  function takeManifest(
    repository: string,
    reference: string,
    { bytes, mediaType }: Pick<TestBlob, 'bytes' | 'mediaType'>,
    path: string,
    response: ServerResponse,
  ): void {
    const digest = sha256Of(bytes);
    const { config, layers } = jsonObject(bytes);
    const parts = [config, ...(Array.isArray(layers) ? layers : [])].flatMap((part) => parseDescriptor(part) ?? []);
    const missing = parts.find((part) => !blobs.has(`${repository}@${part.digest}`));
    if (missing !== undefined) {
      refuse(response, 400, 'MANIFEST_BLOB_UNKNOWN', `blob unknown: ${missing.digest}`);
      return;
    }
    if (options.forgets?.(path) !== true) {
      manifests.set(`${repository}@${digest}`, { digest, mediaType, bytes });
      manifests.set(`${repository}@${reference}`, { digest, mediaType, bytes });
    }
    const subject = options.referrers === true ? subjectOf(bytes) : undefined;
    if (subject !== undefined) response.setHeader('oci-subject', subject);
    send(response, 201, Buffer.alloc(0));
  }

  function listReferrers(repository: string, digest: string, url: URL, response: ServerResponse): void {
    const type = url.searchParams.get('artifactType');
    const start = Number(url.searchParams.get('start') ?? 0);
    const all = [...manifests]
      .filter(([name, { bytes }]) => name.startsWith(`${repository}@sha256:`) && subjectOf(bytes) === digest)
      .map(([, { digest: own, mediaType, bytes }]) => {
        return referrerDescriptor(bytes, { digest: own, mediaType, size: bytes.length });
      })
      .filter(({ artifactType }) => type === null || artifactType === type);
    const end = start + (options.pageSize ?? all.length);
    if (end < all.length) {
      url.searchParams.set('start', `${end}`);
      response.setHeader('link', `<${url.pathname}${url.search}>; rel="next"`);
    }
    response.setHeader('content-type', mediaTypes.ociIndex);
    send(response, 200, json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: all.slice(start, end) }));
  }
}

function collect(request: IncomingMessage, use: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => use(Buffer.concat(chunks)));
}
