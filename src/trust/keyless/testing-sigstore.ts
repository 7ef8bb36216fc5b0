import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  tsaHandler,
} from '@sigstore/mock';
import { TransparencyLogEntry, TrustedRoot } from '@sigstore/protobuf-specs';
import * as z from 'zod/mini';

export interface TestingSigstore {
  /** Of every service: Fulcio, Rekor v1 and v2, the timestamp authority. */
  readonly url: string;
  /** A TrustedRoot as it stands in a file. */
  readonly trustedRoot: unknown;
  /** They stand still where tests set them. */
  readonly clocks: { readonly certificates: Date; readonly witnesses: Date };
  /** Paths asked for, in order, since the start. */
  readonly asked: readonly string[];
  /** Replaces the answer to a path. */
  override(path: string, answer: Answer): void;
  restore(path: string): void;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** What comes piece by piece may have no end. */
  readonly body: string | Uint8Array | Iterable<Uint8Array>;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestingSigstoreOptions {
  /** A claim of the identity token that goes into the certificate: `sub` by default. */
  readonly subjectClaim?: string;
}

/**
 * A whole Sigstore deployment on loopback: Fulcio with a certificate transparency log, Rekor with both of its API versions,
 * and an RFC 3161 timestamp authority, each with a key of its own. Certificates, promises, proofs and timestamps are real.
 */
export async function startSigstore(options: TestingSigstoreOptions = {}): Promise<TestingSigstore> {
  const keys = { ca: keyPair(), ctlog: keyPair(), log: keyPair(), tsa: keyPair() };
  const asked: string[] = [];
  const overrides = new Map<string, Answer>();
  const handlers = new Map<string, (body: string) => Promise<Answer>>();

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const handler = handlers.get(path);
    const given = overrides.get(path);
    bodyOf(request)
      .then(async (body) => given ?? (await handler?.(body)) ?? { status: 404, body: 'not here' })
      .catch((error: unknown) => ({ status: 400, body: String(error), type: 'text/plain' }))
      .then(({ status, body, type, headers }: Answer) => {
        response.writeHead(status, { 'content-type': type ?? 'application/json', ...headers });
        if (typeof body === 'string' || body instanceof Uint8Array) response.end(body);
        else pipeline(Readable.from(body), response, () => response.destroy());
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;

  const clocks = { certificates: new Date(), witnesses: new Date() };
  const ctlog = await initializeCTLog(keys.ctlog, clocks.certificates);
  const ca = await initializeCA(keys.ca, ctlog, clocks.certificates);
  const log = await initializeTLog(url, keys.log, clocks.witnesses);
  const tsa = await initializeTSA(keys.tsa, clocks.witnesses);
  // Timestamps leave out fractions of a second, and must not be from before the certificates that were just made.
  await pause(1000 - (Date.now() % 1000));
  const second = Math.floor(Date.now() / 1000) * 1000;
  for (const clock of Object.values(clocks)) clock.setTime(second);
  for (const { path, fn } of [fulcioHandler(ca, { subjectClaim: options.subjectClaim ?? 'sub' }), tsaHandler(tsa)]) {
    handlers.set(path, async (body) => {
      const { statusCode, response, contentType } = await fn(body);
      const bytes =
        typeof response === 'string'
          ? response
          : new Uint8Array(response.buffer, response.byteOffset, response.byteLength);
      return { status: statusCode, body: bytes, ...(contentType !== undefined && { type: contentType }) };
    });
  }
  handlers.set('/api/v1/log/entries', async (body) => {
    const entry: unknown = await log.log(entryV1(JSON.parse(body)));
    return { status: 201, body: JSON.stringify(entry) };
  });
  handlers.set('/api/v2/log/entries', async (body) => {
    return { status: 201, body: JSON.stringify(answerV2(await log.log(entryV2(JSON.parse(body))))) };
  });

  const since = { start: new Date(second - 24 * 3600_000) };
  const authority = (...certificates: readonly ArrayBufferView[]) => ({
    subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
    uri: url,
    certChain: { certificates: certificates.map((bytes) => ({ rawBytes: base64(bytes) })) },
    validFor: since,
    operator: 'sigstore.mock',
  });
  const logInstance = (publicKey: Buffer) => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: publicKey.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: since },
    logId: { keyId: sha256(publicKey).toString('base64') },
    operator: 'sigstore.mock',
  });
  const trustedRoot = TrustedRoot.toJSON(
    TrustedRoot.fromJSON({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [logInstance(log.publicKey)],
      certificateAuthorities: [authority(ca.rootCertificate)],
      ctlogs: [logInstance(ctlog.publicKey)],
      timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)],
    }),
  );

  return {
    url,
    trustedRoot,
    clocks,
    asked,
    override: (path, answer) => overrides.set(path, answer),
    restore: (path) => overrides.delete(path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An identity token as an OpenID Connect provider gives it; the local Fulcio does not look at its signature. */
export function identityToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iss: 'https://issuer.example',
    sub: 'https://github.com/acme/app/.github/workflows/build.yml@refs/heads/main',
    aud: 'sigstore',
    iat: now,
    exp: now + 600,
    ...claims,
  };
  return `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(payload)}.${Buffer.from('signature').toString('base64url')}`;
}

const proposedDsse = z.object({
  apiVersion: z.literal('0.0.1'),
  kind: z.literal('dsse'),
  spec: z.object({ proposedContent: z.object({ envelope: z.string(), verifiers: z.array(z.string()) }) }),
});
const envelope = z.object({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.string() })),
});
const verifier = z.object({ x509Certificate: z.object({ rawBytes: z.string() }), keyDetails: z.string() });
const requestV2 = z.union([
  z.object({ dsseRequestV002: z.object({ envelope, verifiers: z.array(verifier).check(z.length(1)) }) }),
  z.object({
    hashedRekordRequestV002: z.object({ digest: z.string(), signature: z.object({ content: z.string(), verifier }) }),
  }),
]);

/** What Rekor v1 keeps of a proposed entry: for an envelope its digests, signatures and verifiers (Rekor, type dsse 0.0.1). */
function entryV1(proposed: unknown): object {
  const dsse = proposedDsse.safeParse(proposed);
  if (!dsse.success) return z.record(z.string(), z.unknown()).parse(proposed);
  const { envelope: text, verifiers } = dsse.data.spec.proposedContent;
  const { payload, signatures } = envelope.parse(JSON.parse(text));
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(Buffer.from(text)).toString('hex') },
      payloadHash: { algorithm: 'sha256', value: sha256(Buffer.from(payload, 'base64')).toString('hex') },
      signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: verifiers[index] })),
    },
  };
}

/** What Rekor v2 keeps of a request (rekor-tiles, types dsse and hashedrekord 0.0.2). */
function entryV2(body: unknown): object {
  const request = requestV2.parse(body);
  if ('dsseRequestV002' in request) {
    const { envelope: signed, verifiers } = request.dsseRequestV002;
    const digest = sha256(Buffer.from(signed.payload, 'base64')).toString('base64');
    const signatures = signed.signatures.map(({ sig }, index) => ({ content: sig, verifier: verifiers[index] }));
    return {
      apiVersion: '0.0.2',
      kind: 'dsse',
      spec: { dsseV002: { payloadHash: { algorithm: 'SHA2_256', digest }, signatures } },
    };
  }
  const { digest, signature } = request.hashedRekordRequestV002;
  return {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } },
  };
}

const logged = z.record(
  z.string(),
  z.object({
    body: z.string(),
    logID: z.string(),
    verification: z.object({
      inclusionProof: z.object({ rootHash: z.string(), treeSize: z.number(), checkpoint: z.string() }),
    }),
  }),
);

/** Rekor v2 answers with a TransparencyLogEntry that has a proof and no promise, and so no time. */
function answerV2(answer: unknown): unknown {
  const [entry] = Object.values(logged.parse(answer));
  if (entry === undefined) throw new Error('nothing was logged');
  const { kind, apiVersion } = z
    .object({ kind: z.string(), apiVersion: z.string() })
    .parse(JSON.parse(Buffer.from(entry.body, 'base64').toString()));
  const { rootHash, treeSize, checkpoint } = entry.verification.inclusionProof;
  return TransparencyLogEntry.toJSON(
    TransparencyLogEntry.fromJSON({
      logIndex: '0',
      logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
      kindVersion: { kind, version: apiVersion },
      canonicalizedBody: entry.body,
      inclusionProof: {
        logIndex: '0',
        treeSize: String(treeSize),
        rootHash: Buffer.from(rootHash, 'hex').toString('base64'),
        hashes: [],
        checkpoint: { envelope: checkpoint },
      },
    }),
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function keyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function base64(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64');
}
