/** For tests: a repository of The Update Framework (specification 1.0) on loopback, with one key for all roles. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { pipeline, Readable } from 'node:stream';

export interface TestingTuf extends AsyncDisposable {
  readonly url: string;
  /** `root.json`: what is trusted to begin with. */
  readonly root: string;
  /** Files by path; tests may change them, and let them come piece by piece without end. */
  readonly files: Map<string, string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>>;
  /** Publishes new metadata. */
  publish(target: string, expires: Date): void;
}

export async function startTuf(target: string, expires = new Date(Date.now() + 86_400_000)): Promise<TestingTuf> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: bytes } };
  const keyid = createHash('sha256').update(canonical(key)).digest('hex');
  const files: TestingTuf['files'] = new Map();
  let version = 0;

  const signed = (content: object): string => {
    const sig = sign(null, Buffer.from(canonical(content)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid, sig }], signed: content });
  };
  const role = { keyids: [keyid], threshold: 1 };
  const common = (type: string, until: Date) => ({
    _type: type,
    spec_version: '1.0.31',
    version,
    expires: `${until.toISOString().slice(0, 19)}Z`,
  });

  function publish(content: string, until: Date): void {
    version++;
    const hashes = { sha256: createHash('sha256').update(content).digest('hex') };
    const targets = { 'trusted_root.json': { length: Buffer.byteLength(content), hashes } };
    files.set('/timestamp.json', signed({ ...common('timestamp', until), meta: { 'snapshot.json': { version } } }));
    files.set('/snapshot.json', signed({ ...common('snapshot', until), meta: { 'targets.json': { version } } }));
    files.set('/targets.json', signed({ ...common('targets', until), targets }));
    files.set('/targets/trusted_root.json', content);
  }

  publish(target, expires);
  const root = signed({
    ...common('root', new Date(Date.now() + 365 * 86_400_000)),
    consistent_snapshot: false,
    keys: { [keyid]: key },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  });
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200);
    if (file === undefined || typeof file === 'string') response.end(file);
    else pipeline(Readable.from(file), response, () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    root,
    files,
    publish,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** OLPC canonical JSON: members in order, and nothing between them. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
