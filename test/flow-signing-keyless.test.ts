/** Signing with an identity from the command line, against a whole Sigstore deployment on loopback. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { layoutOf, testImage, writeFiles } from '../src/image/testing-image.ts';
import { identityToken, startSigstore, type TestingSigstore } from '../src/trust/keyless/testing-sigstore.ts';
import { assertRefused, newHome, plimsoll, readText } from './command-line.ts';

const workflow = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
const issuer = 'https://issuer.example';
const token = () => identityToken({ sub: workflow });
const trusted = ['--trusted-root', 'root.json', '--identity', workflow, '--issuer', issuer];
const image = testImage();
let sigstore: TestingSigstore;
let services: readonly string[] = [];
let layouts = 0;

before(async () => {
  sigstore = await startSigstore();
  writeFileSync('root.json', JSON.stringify(sigstore.trustedRoot));
  writeFileSync('token', token());
  services = ['--fulcio-url', sigstore.url, '--rekor-url', sigstore.url, '--tsa-url', sigstore.url];
});
after(() => sigstore.close());

async function newLayout(): Promise<string> {
  const folder = `keyless-${++layouts}`;
  mkdirSync(folder);
  await writeFiles(folder, layoutOf([{ image, name: 'app:1' }]));
  return `oci:${folder}@${image.digest}`;
}

function signingConfig(rekorVersion: 1 | 2): object {
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const service = (majorApiVersion: number) => ({ url: sigstore.url, majorApiVersion, validFor, operator: 'test' });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(1)],
    oidcUrls: [],
    rekorTlogUrls: [service(rekorVersion)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service(1)],
    tsaConfig: { selector: 'ANY' },
  };
}

const ways: readonly (readonly [name: string, options: () => readonly string[], env: () => Record<string, string>])[] =
  [
    ['the token of the environment', () => services, () => ({ SIGSTORE_ID_TOKEN: token() })],
    ['a token in a file', () => [...services, '--identity-token', 'token'], () => ({})],
    ['Rekor of version 2', () => [...services, '--rekor-version', '2', '--identity-token', 'token'], () => ({})],
    [
      'a timestamp authority alone',
      () => ['--fulcio-url', sigstore.url, '--tsa-url', sigstore.url, '--identity-token', 'token'],
      () => ({}),
    ],
    ['a signing configuration', () => ['--signing-config', 'config-1.json', '--identity-token', 'token'], () => ({})],
    [
      'a signing configuration with Rekor 2',
      () => ['--signing-config', 'config-2.json', '--identity-token', 'token'],
      () => ({}),
    ],
  ];

for (const [name, options, env] of ways) {
  test(`an image is signed and attested with ${name}, and verified offline`, async () => {
    for (const version of [1, 2] as const)
      writeFileSync(`config-${version}.json`, JSON.stringify(signingConfig(version)));
    const target = await newLayout();
    const signed = await plimsoll(['sign', target, ...options()], newHome(env()));
    assert.equal(signed.code, 0, signed.err);
    assert.doesNotMatch(signed.err, /public log/);
    writeFileSync('predicate.json', '{"a":1}');
    const attest = ['attest', target, '--type', 'https://example.com/a', '--predicate', 'predicate.json'];
    const attested = await plimsoll([...attest, ...options()], newHome(env()));
    assert.equal(attested.code, 0, attested.err);
    const before = sigstore.asked.length;
    const isLogged = !name.startsWith('a timestamp');
    const verify = async (...who: readonly string[]) =>
      (await plimsoll(['verify', target, '--require-type', 'https://example.com/a', ...who])).code;
    assert.equal(await verify(...trusted), isLogged ? 0 : 1);
    const other = trusted.map((each) => (each === workflow ? `${workflow}s` : each));
    assert.equal(await verify(...other), 1);
    assert.equal(await verify(...trusted.map((each) => (each === issuer ? `${issuer}.evil` : each))), 1);
    assert.equal(sigstore.asked.length, before, 'verifying asks nobody');
  });
}

test('in the legacy form, too, and the tree says who signed', async () => {
  const target = await newLayout();
  const home = newHome({ SIGSTORE_ID_TOKEN: token() });
  assert.equal((await plimsoll(['sign', target, '--legacy', ...services], home)).code, 0);
  const verified = await plimsoll(['verify', target, '-o', 'json', ...trusted]);
  const { answers } = JSON.parse(verified.out);
  assert.deepEqual(
    answers[0].verified.map(({ form, signer }: { form: string; signer: object }) => [form, Object(signer).identity]),
    [
      ['bundle', workflow],
      ['legacy', workflow],
    ],
  );
  const tree = await plimsoll(['tree', target]);
  assert.match(
    tree.out,
    /signature {2}sha256:[0-9a-f]{12} {2}by https:\/\/github\.com\/acme\/app\/.* \(https:\/\/issuer\.example\)/,
  );
});

test('bundles of files are those that sigstore-js verifies', async () => {
  writeFileSync('app.tgz', 'archive');
  const home = newHome({ SIGSTORE_ID_TOKEN: token() });
  assert.equal((await plimsoll(['sign-blob', 'app.tgz', ...services], home)).code, 0);
  const bundle = bundleFromJSON(JSON.parse(readText('app.tgz.sigstore.json')));
  const material = toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot));
  new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 }).verify(
    toSignedEntity(bundle, Buffer.from('archive')),
    { subjectAlternativeName: workflow.replaceAll(/[.?]/g, '\\$&'), extensions: { issuer } },
  );
  assert.equal((await plimsoll(['verify-blob', 'app.tgz', ...trusted])).code, 0);
  writeFileSync('app.tgz', 'changed');
  assert.equal((await plimsoll(['verify-blob', 'app.tgz', ...trusted])).code, 1);
});

test('GitHub Actions is asked for a token with the right audience', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url, request.headers.authorization);
    response.end(JSON.stringify({ value: token() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/token?api=1`;
  const home = newHome({ ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer' });
  const answer = await plimsoll(['sign', await newLayout(), '--keyless', ...services], home);
  assert.equal(answer.code, 0, answer.err);
  assert.deepEqual(asked.slice(0, 2), ['/token?api=1&audience=sigstore', 'Bearer bearer']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const refusals: readonly (readonly [
  name: string,
  args: () => readonly string[],
  env: () => Record<string, string>,
  code: 2 | 3,
  says: RegExp,
])[] = [
  ['nobody', () => services, () => ({}), 2, /no identity to sign with/],
  [
    'an expired token',
    () => services,
    () => ({ SIGSTORE_ID_TOKEN: identityToken({ exp: 1_700_000_000 }) }),
    2,
    /expired at 2023/,
  ],
  [
    'a token for somebody else',
    () => services,
    () => ({ SIGSTORE_ID_TOKEN: identityToken({ aud: 'aws' }) }),
    2,
    /made out for "aws"/,
  ],
  ['no token', () => services, () => ({ SIGSTORE_ID_TOKEN: 'secret-but-no-token' }), 2, /not a JSON Web Token/],
  ['a key as well', () => [...services, '--key', 'a.key'], () => ({}), 2, /in two ways/],
  [
    'no authority',
    () => ['--rekor-url', sigstore.url],
    () => ({ SIGSTORE_ID_TOKEN: token() }),
    2,
    /not said in one way/,
  ],
  [
    'nobody who vouches for the time',
    () => ['--fulcio-url', sigstore.url],
    () => ({ SIGSTORE_ID_TOKEN: token() }),
    2,
    /vouch for the time/,
  ],
  [
    'an address without TLS',
    () => ['--fulcio-url', 'http://fulcio.example', '--tsa-url', sigstore.url],
    () => ({ SIGSTORE_ID_TOKEN: token() }),
    2,
    /over TLS/,
  ],
  [
    'a configuration that is none',
    () => ['--signing-config', 'token'],
    () => ({ SIGSTORE_ID_TOKEN: token() }),
    2,
    /cannot be used/,
  ],
  [
    'services that are not there',
    () => ['--fulcio-url', 'http://127.0.0.1:9', '--tsa-url', 'http://127.0.0.1:9'],
    () => ({ SIGSTORE_ID_TOKEN: token() }),
    3,
    /gave no certificate/,
  ],
];

for (const [name, args, env, code, says] of refusals) {
  test(`signing with ${name} is refused, nothing is attached, and no token is told`, async () => {
    const target = await newLayout();
    const answer = await plimsoll(['sign', target, ...args()], newHome(env()));
    assertRefused(answer, code, says);
    assert.doesNotMatch(answer.err, /secret-but-no-token|eyJ[\w-]{20}/);
    assert.match((await plimsoll(['tree', target])).out, /Nothing is attached/);
  });
}

test('services that refuse or lie leave nothing attached', async () => {
  const paths: Record<string, RegExp> = {
    '/api/v2/signingCert': /gave no certificate/,
    '/api/v1/log/entries': /took no entry/,
    '/api/v1/timestamp': /gave no timestamp/,
  };
  for (const [path, says] of Object.entries(paths)) {
    const broken = await startSigstore();
    try {
      broken.override(path, { status: 400, body: '{"message":"no"}' });
      const urls = ['--fulcio-url', broken.url, '--rekor-url', broken.url, '--tsa-url', broken.url];
      const target = await newLayout();
      assertRefused(await plimsoll(['sign', target, ...urls], newHome({ SIGSTORE_ID_TOKEN: token() })), 3, says);
      assert.match((await plimsoll(['tree', target])).out, /Nothing is attached/);
    } finally {
      await broken.close();
    }
  }
});

test('a trusted root of another deployment verifies nothing', async () => {
  const other = await startSigstore();
  await other.close();
  writeFileSync('other-root.json', JSON.stringify(other.trustedRoot));
  const target = await newLayout();
  await plimsoll(['sign', target, ...services], newHome({ SIGSTORE_ID_TOKEN: token() }));
  const strange = trusted.map((each) => (each === 'root.json' ? 'other-root.json' : each));
  assert.equal((await plimsoll(['verify', target, ...strange])).code, 1);
  assertRefused(
    await plimsoll(['verify', target, ...trusted.map((each) => (each === 'root.json' ? 'token' : each))]),
    2,
    /./,
  );
});
