/** For tests: keys of every kind, and services on loopback that keep them. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { algorithmOf, hashOf } from './algorithm.ts';

export const payload = Buffer.from('payload');

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const pairs: ReadonlyMap<string, KeyPair> = new Map<string, KeyPair>([
  ['ecdsa-p256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ecdsa-p384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['ecdsa-p521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['ed25519', generateKeyPairSync('ed25519')],
  ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 })],
]);

export function pairNamed(name: string): KeyPair {
  const pair = pairs.get(name);
  if (pair === undefined) throw new Error(`no pair is called ${name}`);
  return pair;
}

/** What a service gets that is asked to sign {@link payload}: its digest, or itself for Ed25519. */
function toSignWith({ publicKey }: KeyPair): Buffer {
  const hash = hashOf(algorithmOf(publicKey, 'it'));
  return hash === undefined ? payload : createHash(hash).update(payload).digest();
}

/**
 * What a service answers that was given `input` to sign. Node signs no digests: the payload is signed, if `input` is the
 * digest of it, and something else otherwise.
 */
export function signatureOver(input: Buffer, pair: KeyPair, dsaEncoding: 'der' | 'ieee-p1363' = 'der'): Buffer {
  const hash = hashOf(algorithmOf(pair.publicKey, 'it'));
  return sign(hash, input.equals(toSignWith(pair)) ? payload : input, { key: pair.privateKey, dsaEncoding });
}

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or bytes as they are. */
  readonly body?: unknown;
}

/** A service over HTTP; it is silent where there is no answer. */
export async function startService(answer: (asked: Asked) => Told | undefined) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers, body: Buffer.concat(pieces).toString() };
    asked.push(one);
    const told = answer(one);
    if (told === undefined) return;
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers });
    response.end(Buffer.isBuffer(told.body) ? told.body : JSON.stringify(told.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    asked,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
