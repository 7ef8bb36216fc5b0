/** Who signed an image, asked by the policy: at the gate, and in verdicts that are signed and taken over. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { layoutOf, testIndex, writeFiles } from '../src/image/testing-image.ts';
import { startRegistry } from '../src/image/testing-registry.ts';
import { assertRefused, newHome, plimsoll, resultsIn } from './command-line.ts';
import { sampleDatabase, sampleImage } from './sample.ts';

const database = await sampleDatabase();
const home = newHome({ COSIGN_PASSWORD: '', PLIMSOLL_DB: database });
const run = (...args: readonly string[]) => plimsoll(args, home);

mkdirSync('keys');
for (const name of ['release', 'ci', 'stranger']) await run('keys', 'create', `keys/${name}`);

const image = sampleImage();
const arm64 = sampleImage({ platform: { os: 'linux', architecture: 'arm64' } });
const index = testIndex([
  { image, platform: { os: 'linux', architecture: 'amd64' } },
  { image: arm64, platform: { os: 'linux', architecture: 'arm64' } },
]);
let layouts = 0;

async function newLayout(entry = image): Promise<string> {
  const folder = `trusted-${++layouts}`;
  mkdirSync(folder);
  await writeFiles(folder, layoutOf([{ image: entry, name: 'app:1' }]));
  return `oci:${folder}`;
}

function policy(name: string, trust: string, more = ''): string {
  const file = `${name}.yaml`;
  writeFileSync(
    file,
    `version: 1
extends: nothing
rules:
  - { name: malware, action: deny, when: { kind: malware } }
trust:
  signers:
    release: { key: keys/release.pub }
    ci: { key: keys/ci.pub }
${trust}
unknown: { starter-advisories: warn }
${more}`,
  );
  return file;
}

const signed = policy('signed', '  require: [{ signature: { by: release } }]');
const scanned = policy('scanned', '  require: [{ attestation: { type: vuln, by: [ci, release], maxAge: 24h } }]');
const twice = policy('twice', '  require: [{ signature: { by: [release, ci], count: 2 } }]');
const accepting = policy('accepting', '  acceptVsa: { by: ci, maxAge: 1h }');

async function gate(target: string, file: string, ...options: readonly string[]) {
  const answer = await run('gate', target, '--policy', file, '-o', 'json', ...options);
  const [result] = answer.out === '' ? [] : resultsIn(answer.out);
  return { ...answer, rules: result?.verdict?.reasons.map(({ rule }) => rule) ?? [], trust: result?.trust };
}

test('an image that somebody named signed passes, and one that is signed by others or by nobody does not', async () => {
  const target = await newLayout();
  const before = await gate(target, signed);
  assert.deepEqual([before.code, before.rules], [1, ['trust.signature']]);
  await run('sign', target, '--key', 'keys/stranger.key');
  const strange = await gate(target, signed);
  assert.deepEqual([strange.code, strange.trust?.unverified.length], [1, 1]);
  await run('sign', target, '--key', 'keys/release.key');
  const after = await gate(target, signed);
  assert.deepEqual([after.code, after.rules, after.trust?.signatures.length], [0, [], 1]);
  assert.equal(after.trust?.signatures[0]?.subject, image.digest);
});

test('two signatures by one signer are those of one, and an attestation is none', async () => {
  const target = await newLayout();
  await run('sign', target, '--key', 'keys/release.key', '--legacy');
  await run('attest', target, '--sbom', '--key', 'keys/ci.key');
  assert.equal((await gate(target, twice)).code, 1);
  await run('sign', target, '--key', 'keys/ci.key');
  assert.equal((await gate(target, twice)).code, 0);
});

test('a signature of the index alone says nothing of the image in it, unless the policy says so', async () => {
  const target = await newLayout(index);
  await run('sign', target, '--key', 'keys/release.key', '--no-recursive');
  const amd64 = ['--platform', 'linux/amd64'];
  assert.equal((await gate(target, signed, ...amd64)).code, 1);
  const indexed = policy('indexed', '  require: [{ signature: { by: release, about: index } }]');
  assert.equal((await gate(target, indexed, ...amd64)).code, 0);
  await run('sign', target, '--key', 'keys/release.key');
  assert.equal((await gate(target, signed, ...amd64)).code, 0);
});

test('a scan has to be there, fresh and by somebody named', async () => {
  const target = await newLayout();
  assert.deepEqual((await gate(target, scanned)).rules, ['trust.vuln']);
  const old = { scanner: { uri: 'pkg:npm/plimsoll@0' }, metadata: { scanFinishedOn: '2026-01-01T00:00:00Z' } };
  writeFileSync('old.json', JSON.stringify(old));
  await run('attest', target, '--type', 'vuln', '--predicate', 'old.json', '--key', 'keys/ci.key');
  assert.deepEqual((await gate(target, scanned)).rules, ['trust.vuln']);
  await run('attest', target, '--scan', '--key', 'keys/stranger.key');
  assert.deepEqual((await gate(target, scanned)).rules, ['trust.vuln']);
  await run('attest', target, '--scan', '--key', 'keys/ci.key');
  const passed = await gate(target, scanned);
  assert.deepEqual([passed.code, passed.rules], [0, []]);
});

test('where signatures cannot be asked for, the gate refuses and says why', async () => {
  await using registry = await startRegistry({
    misbehave: ({ path }, response) => {
      if (!path.includes('/referrers/') && !path.includes('sha256-')) return false;
      response.writeHead(403).end();
      return true;
    },
  });
  registry.push('team/app', '1', image);
  const answer = await gate(`${registry.host}/team/app:1`, signed);
  assert.deepEqual([answer.code, answer.rules], [1, ['unknown.no-trust']]);
});

test('keys of a policy are read from beside it, and one that is missing or broken stops the call', async () => {
  mkdirSync('elsewhere/keys', { recursive: true });
  writeFileSync('elsewhere/keys/release.pub', 'no key');
  const target = await newLayout();
  const text = (key: string) =>
    `version: 1\ntrust: { signers: { a: { key: ${key} } }, require: [{ signature: { by: a } }] }\n`;
  writeFileSync('elsewhere/missing.yaml', text('keys/none.pub'));
  writeFileSync('elsewhere/broken.yaml', text('keys/release.pub'));
  writeFileSync('elsewhere/good.yaml', text('../keys/release.pub'));
  assertRefused(await run('gate', target, '--policy', 'elsewhere/missing.yaml'), 2, /none\.pub/);
  const broken = await gate(target, 'elsewhere/broken.yaml');
  assert.ok(broken.rules.includes('unknown.no-trust'), broken.err);
  await run('sign', target, '--key', 'keys/release.key');
  const good = await gate(target, 'elsewhere/good.yaml');
  assert.equal(good.rules.includes('trust.signature'), false);
});

async function accepts(target: string, file: string, ...options: readonly string[]): Promise<boolean> {
  const answer = await run('gate', target, '--policy', file, '-o', 'json', ...options);
  const { results, accepted = [] } = JSON.parse(answer.out);
  assert.equal(results.length + accepted.length, 1);
  return accepted.length === 1;
}

test('a verdict is signed onto the image and taken over by the same policy at the same gate, and by no other', async () => {
  const target = await newLayout();
  assert.equal(await accepts(target, accepting), false);
  const attested = await run('gate', target, '--policy', accepting, '--attest', '--key', 'keys/ci.key');
  assert.equal(attested.code, 0, attested.err);
  assert.equal(await accepts(target, accepting), true);
  assert.equal(await accepts(target, accepting, '--inspect'), false);
  assert.equal(await accepts(target, accepting, '--gate', 'admission'), false);
  const other = policy('other', '  acceptVsa: { by: ci, maxAge: 1h }', 'data: { maxAge: 6d }');
  assert.equal(await accepts(target, other), false);
  const byAnother = policy('by-another', '  acceptVsa: { by: release, maxAge: 1h }');
  assert.equal(await accepts(target, byAnother), false);
  assert.equal(await accepts(await newLayout(), accepting), false);
  const sbom = await run('gate', target, '--policy', accepting, '-o', 'cyclonedx-json');
  assert.equal(JSON.parse(sbom.out).bomFormat, 'CycloneDX');
  // The same keys under another name, and comments, are the same policy.
  const renamed = policy('renamed', '  acceptVsa: { by: ci, maxAge: 1h } # by whom');
  assert.equal(await accepts(target, renamed), true);
});

test('a verdict that refused, one with other VEX documents and one about another platform are not taken over', async () => {
  const target = await newLayout();
  const refusing = policy('refusing', '  acceptVsa: { by: ci, maxAge: 1h }');
  writeFileSync(
    refusing,
    `version: 1\nrules: [{ name: a, action: deny, when: { severity: critical } }]\ntrust:\n  signers: { ci: { key: keys/ci.pub } }\n  acceptVsa: { by: ci, maxAge: 1h }\n`,
  );
  const refused = await run('gate', target, '--policy', refusing, '--attest', '--key', 'keys/ci.key');
  assert.equal(refused.code, 1);
  const stated = await run('verify-attestation', target, '--type', 'vsa', '--key', 'keys/ci.pub', '-o', 'statement');
  assert.equal(JSON.parse(stated.out).predicate.verificationResult, 'FAILED');
  assert.equal(await accepts(target, refusing), false);
  writeFileSync(
    'not-affected.json',
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://example.com/vex/1',
      author: 'us',
      timestamp: '2026-01-01T00:00:00Z',
      version: 1,
      statements: [
        {
          vulnerability: { name: 'CVE-2026-1000' },
          products: [{ '@id': 'pkg:npm/lodash@1.0.0' }],
          status: 'not_affected',
          justification: 'component_not_present',
        },
      ],
    }),
  );
  const vex = ['--vex', 'not-affected.json'];
  await run('gate', target, '--policy', accepting, ...vex, '--attest', '--key', 'keys/ci.key');
  assert.equal(await accepts(target, accepting, ...vex), true);
  assert.equal(await accepts(target, accepting), false);
  const several = await newLayout(index);
  await run('gate', several, '--policy', accepting, '--platform', 'linux/amd64', '--attest', '--key', 'keys/ci.key');
  assert.equal(await accepts(several, accepting, '--platform', 'linux/amd64'), true);
  assert.equal(await accepts(several, accepting, '--platform', 'linux/arm64'), false);
});

/** Signs a verdict of this policy onto an image, as it was some time ago. */
async function attestVerdict(
  target: string,
  digest: string,
  timeVerified: string,
  verificationResult = 'PASSED',
  advisories: string | undefined = new Date().toISOString(),
) {
  const predicate = {
    verifier: { id: 'urn:plimsoll:gate:build', version: { advisories } },
    timeVerified,
    policy: { digest: { sha256: digest } },
    verificationResult,
    verifiedLevels: ['SLSA_BUILD_LEVEL_0'],
  };
  writeFileSync('summary.json', JSON.stringify(predicate));
  await run('attest', target, '--type', 'vsa', '--predicate', 'summary.json', '--key', 'keys/ci.key');
}

async function digestOf(file: string): Promise<string> {
  const inspected = await run('gate', await newLayout(), '--policy', file, '-o', 'json');
  return resultsIn(inspected.out)[0]?.verdict?.policy.digest.slice('sha256:'.length) ?? '';
}

/** From before the verdicts. */
const olderData = ['--db', 'starter'];
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

test('a verdict that is older than the policy takes, or than the advisory data, is not taken over', async () => {
  const target = await newLayout();
  const digest = await digestOf(accepting);
  for (const time of ['2026-01-01T00:00:00Z', ago(-1), 'today']) {
    await attestVerdict(target, digest, time);
    assert.equal(await accepts(target, accepting), false, time);
  }
  await attestVerdict(target, '0'.repeat(64), ago(0));
  assert.equal(await accepts(target, accepting), false);
  // Judged just now, on data from before ours, or on nobody knows which.
  for (const advisories of ['2026-01-01T00:00:00Z', 'new ones']) {
    await attestVerdict(target, digest, ago(0), 'PASSED', advisories);
    assert.equal(await accepts(target, accepting), false, advisories);
  }
  await attestVerdict(target, digest, ago(0));
  assert.equal(await accepts(target, accepting), true);
});

test('of two verdicts the later one counts', async () => {
  const target = await newLayout();
  const digest = await digestOf(accepting);
  for (const [hours, result] of [
    [0.3, 'PASSED'],
    [0.2, 'FAILED'],
    [0.1, 'PASSED'],
  ] as const) {
    await attestVerdict(target, digest, ago(hours), result);
    assert.equal(await accepts(target, accepting, ...olderData), result === 'PASSED', `${hours}`);
  }
});

test('where a verdict cannot be read, which may be a later one that refused, none is taken over', async () => {
  const target = await newLayout();
  const digest = await digestOf(accepting);
  await attestVerdict(target, digest, ago(0.3));
  const folder = target.slice('oci:'.length);
  const before = new Set(readdirSync(`${folder}/blobs/sha256`));
  await attestVerdict(target, digest, ago(0.2), 'FAILED');
  assert.equal(await accepts(target, accepting, ...olderData), false);
  for (const name of readdirSync(`${folder}/blobs/sha256`)) {
    const path = `${folder}/blobs/sha256/${name}`;
    if (!before.has(name) && readFileSync(path, 'utf8').includes('"dsseEnvelope"')) rmSync(path);
  }
  assert.equal(await accepts(target, accepting, ...olderData), false);
});

test('a verdict from before an exception ended is not taken over', async () => {
  const rows: readonly (readonly [until: string, gates: string, accepted: boolean])[] = [
    [ago(24), 'build', false],
    [ago(24), 'admission', true],
    [ago(0), 'build', true],
    [ago(96), 'build', true],
  ];
  for (const [until, gates, accepted] of rows) {
    const exception = `{ vulnerability: CVE-2026-1000, reason: a, until: ${until.slice(0, 10)}, gates: [${gates}] }`;
    const file = policy('ending', '  acceptVsa: { by: ci, maxAge: 3d }', `exceptions: [${exception}]`);
    const target = await newLayout();
    await attestVerdict(target, await digestOf(file), ago(24));
    assert.equal(await accepts(target, file, ...olderData), accepted, `${until} ${gates}`);
  }
});

test('a verdict on a folder is not signed', async () => {
  mkdirSync('project');
  writeFileSync('project/package-lock.json', '{"lockfileVersion":3,"packages":{}}');
  const answer = await run(
    'gate',
    'project',
    '--policy',
    accepting,
    '--attest',
    '--key',
    'keys/ci.key',
    '-o',
    'table=x.txt',
  );
  assert.equal(answer.code, 2);
  assert.match(answer.err, /is no image/);
});
