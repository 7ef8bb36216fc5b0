/** Provenance that jobs on GitHub sign with certificates, verified from the command line against a whole Sigstore on loopback. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { bundleToJSON } from '@sigstore/bundle';
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } from '@sigstore/sign';
import { identityToken, startSigstore, type TestingSigstore } from '../src/trust/keyless/testing-sigstore.ts';
import {
  commit,
  delegatedProvenance,
  generatorId,
  generatorProvenance,
  githubProvenance,
  npmProvenance,
  workflow,
} from '../src/trust/provenance/testing.ts';
import { type Statement, statementBytes } from '../src/trust/statement.ts';
import { plimsoll } from './command-line.ts';

const app = ['--source', 'github.com/acme/app'];
const main = { repository: 'acme/app', ref: 'refs/heads/main', sha: commit, runner_environment: 'github-hosted' };
const generic = generatorId('generator_generic_slsa3.yml');
let sigstore: TestingSigstore;

before(async () => {
  sigstore = await startSigstore();
  writeFileSync('root.json', JSON.stringify(sigstore.trustedRoot));
  writeFileSync('app.tgz', 'the package');
});
after(() => sigstore.close());

/** Signs as a job of GitHub does, whose workflow is `sub`. */
async function signed(
  statement: Statement,
  sub = workflow,
  claims: Readonly<Record<string, string>> = main,
): Promise<string> {
  const iss = 'https://token.actions.githubusercontent.com';
  const identityProvider = { getToken: async () => identityToken({ iss, sub, ...claims }) };
  const signer = new FulcioSigner({ fulcioBaseURL: sigstore.url, identityProvider });
  const witnesses = [
    new RekorWitness({ rekorBaseURL: sigstore.url, entryType: 'dsse' }),
    new TSAWitness({ tsaBaseURL: sigstore.url }),
  ];
  const digest = { sha256: createHash('sha256').update('the package').digest('hex') };
  const data = statementBytes({ ...statement, subjects: statement.subjects.map((each) => ({ ...each, digest })) });
  const bundle = await new DSSEBundleBuilder({ signer, witnesses }).create({
    data,
    type: 'application/vnd.in-toto+json',
  });
  return JSON.stringify(bundleToJSON(bundle));
}

async function verify(bundle: string, ...options: readonly string[]) {
  writeFileSync('bundle.json', bundle);
  const common = ['--bundle', 'bundle.json', '--trusted-root', 'root.json'];
  return plimsoll(['provenance', 'verify', 'app.tgz', ...common, ...options]);
}

test('provenance of GitHub, npm and slsa-github-generator is verified by its source alone', async () => {
  const tagged = { ...main, ref: 'refs/tags/v1.2.0' };
  const cases: readonly [string, string, readonly string[]][] = [
    ['GitHub', await signed(githubProvenance()), ['--branch', 'main', '--level', '2', '--builder', workflow]],
    ['npm', await signed(npmProvenance()), ['--branch', 'main', '--level', '2', '--package', '@acme/app@1.4.3']],
    ['generic', await signed(generatorProvenance(), generic, tagged), ['--tag', 'v1.2.0', '--level', '3']],
    [
      'delegated',
      await signed(delegatedProvenance(), generatorId('delegator_generic_slsa3.yml')),
      ['--branch', 'main', '--level', '3', '--builder', generatorId('builder_maven_slsa3.yml')],
    ],
  ];
  for (const [name, bundle, options] of cases) {
    const { code, out, err } = await verify(bundle, ...app, ...options);
    assert.equal(code, 0, `${name}: ${err}${out}`);
    assert.match(out, /ok +signer +a job of https:\/\/github\.com\/acme\/app signed it\n/);
  }
});

test('a job of another repository speaks for nobody else, whatever it states', async () => {
  const evil = { ...main, repository: 'evil/app' };
  const evilWorkflow = workflow.replace('acme', 'evil');
  const cases: readonly [string, string, RegExp][] = [
    [
      'its own workflow',
      await signed(githubProvenance(), evilWorkflow, evil),
      /no +certificate +it names the source repository/,
    ],
    ['slsa-github-generator', await signed(generatorProvenance(), generic, evil), /no +certificate/],
    [
      'another ref',
      await signed(githubProvenance(), workflow, { ...main, ref: 'refs/heads/x' }),
      /no +certificate +it names the ref/,
    ],
    ['another commit', await signed(githubProvenance(), workflow, { ...main, sha: 'f'.repeat(40) }), /the commit/],
  ];
  for (const [name, bundle, text] of cases) {
    const { code, out } = await verify(bundle, ...app);
    assert.equal(code, 1, name);
    assert.match(out, text, name);
  }
});

test('a certificate that does not say whose job it is proves nothing, unless its holder is named', async () => {
  const bundle = await signed(githubProvenance(), workflow, {});
  const unnamed = await verify(bundle, ...app);
  assert.equal(unnamed.code, 3);
  assert.match(unnamed.out, /\? +signer +its certificate does not say whose job signed it/);
  const issuer = ['--issuer', 'https://token.actions.githubusercontent.com'];
  assert.equal((await verify(bundle, ...app, ...issuer, '--identity', workflow)).code, 0);
  assert.equal((await verify(bundle, ...app, ...issuer, '--identity-pattern', 'https://github\\.com/acme/.*')).code, 0);
  assert.equal((await verify(bundle, ...app, ...issuer, '--identity-pattern', 'https://github\\.com/acme/')).code, 1);
  assert.equal((await verify(bundle, ...app, ...issuer, '--identity', `${workflow}0`)).code, 1);
  assert.equal((await verify(bundle, ...app, '--issuer-pattern', 'https://.*', '--identity', workflow)).code, 0);
  assert.equal((await verify(bundle, ...app, '--issuer', 'https://x.example', '--identity', workflow)).code, 1);
});

test('a person, or the job of another provider, is no job of the source', async () => {
  const person = await signed(githubProvenance(), 'jo@example.com');
  assert.equal((await verify(person, ...app)).code, 1);
  const gitlab = await signed(githubProvenance(), workflow, { ...main, iss: 'https://gitlab.com' });
  assert.equal((await verify(gitlab, ...app)).code, 1);
});

test('a file of trusted roots may have several, one on a line, and one of them has to be the right one', async () => {
  const bundle = await signed(githubProvenance());
  const other = await startSigstore();
  const both = `${JSON.stringify(other.trustedRoot)}\n${JSON.stringify(sigstore.trustedRoot)}\n`;
  await other.close();
  writeFileSync('roots.jsonl', both);
  writeFileSync('other.json', both.split('\n')[0] ?? '');
  assert.equal((await verify(bundle, ...app, '--trusted-root', 'roots.jsonl')).code, 0);
  assert.equal((await verify(bundle, ...app, '--trusted-root', 'other.json')).code, 1);
});

test('a trusted root that is broken, and an identity that is named by half, say what to do', async () => {
  const bundle = await signed(githubProvenance());
  for (const content of [
    '',
    'x',
    '{}',
    '[]',
    '{"certificateAuthorities":1}',
    `${JSON.stringify(sigstore.trustedRoot)}\nx`,
  ]) {
    writeFileSync('broken.json', content);
    const { code, err } = await verify(bundle, ...app, '--trusted-root', 'broken.json');
    assert.equal(code, 2, content);
    assert.match(err, /trust\/trusted-root/, content);
  }
  const cases: readonly [readonly string[], RegExp][] = [
    [['--identity', workflow], /cli\/half-an-identity/],
    [['--issuer', 'https://x.example'], /cli\/half-an-identity/],
    [['--identity', 'a', '--identity-pattern', 'b', '--issuer', 'c'], /cli\/expected-twice/],
    [['--identity-pattern', '(', '--issuer', 'c'], /trust\/pattern/],
  ];
  for (const [options, text] of cases) {
    const { code, err } = await verify(bundle, ...app, ...options);
    assert.equal(code, 2, options.join(' '));
    assert.match(err, text);
  }
  const nowhere = ['--tuf-mirror', 'http://127.0.0.1:9', '--tuf-root', 'bundle.json'];
  const rootless = await plimsoll(['provenance', 'verify', 'app.tgz', '--bundle', 'bundle.json', ...app, ...nowhere]);
  assert.equal(rootless.code, 3);
  assert.match(rootless.err, /trust\/tuf/);
  const elsewhere = ['--source', 'gitlab.com/acme/app'];
  assert.match((await verify(bundle, ...elsewhere)).err, /cli\/nobody-trusted/);
});
