import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { PlimsollError } from '../../error.ts';
import type { IdentityAuthority } from '../authority.ts';
import { attestBlob, signBlob } from '../sign.ts';
import { verifyBlob, verifyBlobAttestation } from '../verify-blob.ts';
import { keylessSealer, type SigningServices } from './sign.ts';
import { identityToken, startSigstore, type TestingSigstore } from './testing-sigstore.ts';

const identity = 'https://github.com/acme/app/.github/workflows/build.yml@refs/heads/main';
const issuer = 'https://issuer.example';
const bytes = Buffer.from('archive');
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const type = 'https://example.com/a';
let sigstore: TestingSigstore;
let authority: IdentityAuthority;

before(async () => {
  sigstore = await startSigstore();
  authority = {
    kind: 'identity',
    name: 'ci',
    identity: { exact: identity },
    issuer: { exact: issuer },
    trustedRoot: TrustedRoot.fromJSON(sigstore.trustedRoot),
    logEntries: 1,
    timestamps: 1,
    certificateLogs: 1,
  };
});
after(() => sigstore.close());

type Verify = (bundle: Buffer) => Promise<unknown>;

/** What is signed, and how it is verified. */
async function bundles(version: 1 | 2): Promise<readonly (readonly [name: string, bundle: Buffer, verify: Verify])[]> {
  const { url } = sigstore;
  const services: SigningServices = { kind: 'urls', fulcio: url, rekor: { url, version }, tsa: url };
  const seal = await keylessSealer({ env: { SIGSTORE_ID_TOKEN: identityToken({ sub: identity }) } }, services);
  return [
    [
      'a signature',
      await signBlob(bytes, seal),
      (bundle) => verifyBlob(bytes, { kind: 'bundle', bundle }, [authority]),
    ],
    [
      'an attestation',
      await attestBlob([{ name: 'a', digest }], seal, { type, predicate: { a: 1 } }),
      (bundle) => verifyBlobAttestation([digest], bundle, [authority], type),
    ],
  ];
}

/** The texts of a document, by their path. */
function textsIn(json: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof json === 'string') return [[path, json]];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => textsIn(value, `${path}/${name}`));
}

function changed(json: unknown, path: string, text: string): Buffer {
  const copy = structuredClone(json);
  let at: unknown = copy;
  const names = path.split('/').slice(1);
  for (const name of names.slice(0, -1)) at = Object(at)[name];
  Object(at)[names.at(-1) ?? ''] = text;
  return Buffer.from(JSON.stringify(copy));
}

/** Another digit for a number; for base64 one byte after the other, another one. */
function variantsOf(path: string, text: string): readonly string[] {
  if (/^\d+$/.test(text)) return [`${BigInt(text) + 1n}`];
  const decoded = Buffer.from(text, 'base64');
  if (decoded.length < 4 || decoded.toString('base64') !== text) return [`${text}x`];
  // Around what is signed in a timestamp stand many bytes that nobody signs: each of them counts. Of the rest a sample does.
  const step = path.endsWith('/signedTimestamp') ? 1 : 17;
  return [...decoded.keys()]
    .filter((at) => at % step === 0 || at === decoded.length - 1)
    .map((at) => {
      const copy = Buffer.from(decoded);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy.toString('base64');
    });
}

/** What an error about a part may name: a change shows where something else no longer fits it, too. */
const parts: readonly (readonly [path: RegExp, code: RegExp])[] = [
  [
    /^\/verificationMaterial\/(?:certificate|x509CertificateChain)/,
    /^trust\/(?:certificate|log-entry|signature|identity|timestamp|bad-bundle)$/,
  ],
  [/^\/verificationMaterial\/tlogEntries/, /^trust\/(?:log-entry|bundle|bad-bundle)$/],
  [/^\/verificationMaterial\/timestampVerificationData/, /^trust\/(?:timestamp|bundle)$/],
  [/^\/(?:messageSignature|dsseEnvelope)/, /^trust\/(?:signature|log-entry|other-subject|bad-\w+|bundle|timestamp)$/],
  [/^\/mediaType/, /^trust\/bad-bundle$/],
];

for (const version of [1, 2] as const) {
  test(`every changed field of what an identity signed is refused by name (Rekor v${version})`, async () => {
    for (const [name, bundle, verify] of await bundles(version)) {
      await verify(bundle);
      const json: unknown = JSON.parse(bundle.toString());
      for (const [path, text] of textsIn(json)) {
        for (const variant of variantsOf(path, text)) {
          const what = `${name}: ${path} ${text.slice(0, 30)}`;
          const error = await verify(changed(json, path, variant)).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          assert.ok(error instanceof PlimsollError, `${what} was not noticed: ${String(error)}`);
          const [, code] = parts.find(([pattern]) => pattern.test(path)) ?? [];
          assert.match(error.code, code ?? /^$/, `${what}: ${error.message}`);
        }
      }
    }
  });
}
