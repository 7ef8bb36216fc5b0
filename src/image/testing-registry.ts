/** For tests: a small registry on loopback (OCI distribution-spec v1.1), honest or told to misbehave. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { partsOf, type TestBlob, type TestImage } from './testing-image.ts';
import { refuse, send } from './testing-registry-answer.ts';
import { pushSide } from './testing-registry-push.ts';

export interface TestRegistryOptions {
  /** What it wants before it gives anything. `realm` defaults to its own `/token`. */
  readonly auth?:
    | { readonly kind: 'basic'; readonly username: string; readonly password: string }
    | {
        readonly kind: 'token';
        readonly username?: string;
        readonly password?: string;
        /** Taken instead of a password (OAuth 2 refresh token). */
        readonly identity?: string;
        readonly realm?: (port: number) => string;
      };
  /** Whether it has the referrers API; without, those who attach keep an index under a tag. */
  readonly referrers?: boolean;
  /** Entries of one page of referrers: all by default. */
  readonly pageSize?: number;
  /** Whether it says that it took something, and does not keep it. */
  readonly forgets?: (path: string) => boolean;
  /** Called before every answer; `true`: it has answered itself. */
  readonly misbehave?: (request: TestRequest, response: ServerResponse) => boolean;
}

export interface TestRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** The blob that is asked for. */
  readonly blob: Buffer | undefined;
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  /** All that came, in order. */
  readonly requests: readonly TestRequest[];
  push(repository: string, tag: string, image: TestImage): void;
  /** By `repository@digest` or `repository@tag`. */
  readonly manifests: Map<string, TestBlob>;
  readonly blobs: Map<string, TestBlob>;
}

/** Closes with `await using`. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const manifests = new Map<string, TestBlob>();
  const blobs = new Map<string, TestBlob>();
  const requests: TestRequest[] = [];
  const pushes = pushSide({ manifests, blobs }, options);
  let port = 0;

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const path = incoming.url ?? '/';
    const name = /^\/v2\/(.+)\/blobs\/(.+)$/.exec(path);
    const blob = name === null ? undefined : blobs.get(`${name[1]}@${name[2]}`)?.bytes;
    const { authorization, range } = incoming.headers;
    const request = { method: incoming.method ?? 'GET', path, authorization, range, blob };
    requests.push(request);
    if (options.misbehave?.(request, response) === true) return;
    if (path.startsWith('/token')) giveToken(incoming, request, response);
    else if (!isAuthorized(authorization)) demand(response);
    else if (path === '/v2/') send(response, 200, Buffer.from('{}'));
    else if (pushes(incoming, response)) return;
    else if (blob !== undefined) sendBlob(request, response, blob);
    else sendManifest(path, response);
  }

  function sendManifest(path: string, response: ServerResponse): void {
    const wanted = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(path);
    const manifest = manifests.get(`${wanted?.[1]}@${wanted?.[2]}`);
    if (manifest === undefined) {
      refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      return;
    }
    response.setHeader('content-type', manifest.mediaType);
    response.setHeader('docker-content-digest', manifest.digest);
    send(response, 200, manifest.bytes);
  }

  function isAuthorized(authorization: string | undefined): boolean {
    const { auth } = options;
    if (auth === undefined) return true;
    if (auth.kind === 'basic') return authorization === basic(auth.username, auth.password);
    return authorization?.startsWith('Bearer granted-') === true;
  }

  function demand(response: ServerResponse): void {
    const own = `http://127.0.0.1:${port}/token`;
    const realm = options.auth?.kind === 'token' ? (options.auth.realm?.(port) ?? own) : undefined;
    const challenge = realm === undefined ? 'Basic realm="test"' : `Bearer realm="${realm}",service="test"`;
    response.setHeader('www-authenticate', challenge);
    refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
  }

  function giveToken(incoming: IncomingMessage, { authorization, path }: TestRequest, response: ServerResponse): void {
    const auth = options.auth?.kind === 'token' ? options.auth : undefined;
    const grant = () =>
      send(response, 200, Buffer.from(JSON.stringify({ token: `granted-${encodeURIComponent(path)}` })));
    if (incoming.method === 'POST') {
      let form = '';
      incoming.on('data', (chunk: Buffer) => {
        form = (form + chunk.toString('utf8')).slice(0, 10_000);
      });
      incoming.on('end', () => {
        const fields = new URLSearchParams(form);
        const holds = fields.get('grant_type') === 'refresh_token' && fields.get('refresh_token') === auth?.identity;
        if (holds) grant();
        else refuse(response, 401, 'UNAUTHORIZED', 'no such identity');
      });
      return;
    }
    const { username, password } = auth ?? {};
    if (username === undefined || password === undefined || authorization === basic(username, password)) grant();
    else refuse(response, 401, 'UNAUTHORIZED', 'wrong password');
  }

  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    port,
    requests,
    manifests,
    blobs,
    push(repository, tag, image) {
      const parts = partsOf(image);
      for (const part of parts) {
        const target = part.mediaType.includes('manifest') || part.mediaType.includes('index') ? manifests : blobs;
        target.set(`${repository}@${part.digest}`, part);
      }
      manifests.set(`${repository}@${tag}`, image);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With ranges, as RFC 9110 has them. */
function sendBlob({ range }: TestRequest, response: ServerResponse, blob: Buffer): void {
  const start = Number(/^bytes=([0-9]+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${blob.length - 1}/${blob.length}`);
  send(response, start > 0 ? 206 : 200, blob.subarray(start));
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
