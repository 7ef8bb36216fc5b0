import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AttestationFacts } from '../../sbom/index.ts';
import type { Statement } from '../statement.ts';
import { provenanceFacts } from './facts.ts';
import type { StatementSigner } from './signer.ts';
import {
  byJob,
  byKey,
  commit,
  containerBasedProvenance,
  delegatedProvenance,
  generatorId,
  generatorProvenance,
  githubProvenance,
  gitlabNpmProvenance,
  npmProvenance,
  npmPublish,
  oldNpmProvenance,
  run,
  workflow,
} from './testing.ts';

const app = 'https://github.com/acme/app';
const main = 'refs/heads/main';
const gitlab = 'https://gitlab.com/acme/tools/app';
const gitlabRunner = `${gitlab}/-/runners/12270831`;
const generic = generatorId('generator_generic_slsa3.yml');

/** Without what is not known. */
function known(
  statement: Statement,
  signer: StatementSigner,
  trusted?: ReadonlyMap<string, 1 | 2 | 3>,
): AttestationFacts {
  const facts = provenanceFacts(statement, signer, trusted);
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

test('provenance of every maker says what was built, by whom, and how well that builder is known', () => {
  const cases: readonly [string, Statement, StatementSigner, AttestationFacts][] = [
    [
      'GitHub',
      githubProvenance(),
      byJob(),
      { builder: workflow, sourceRepository: app, sourceRef: main, buildLevel: 2 },
    ],
    [
      'npm on GitHub',
      npmProvenance(),
      byJob(),
      {
        builder: 'https://github.com/actions/runner/github-hosted',
        sourceRepository: app,
        sourceRef: main,
        buildLevel: 2,
      },
    ],
    [
      'npm on GitHub, v0.2',
      oldNpmProvenance(),
      byJob(),
      { builder: 'https://github.com/actions/runner', sourceRepository: app, sourceRef: main, buildLevel: 2 },
    ],
    [
      'npm on GitLab',
      gitlabNpmProvenance({ CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main', CI_PIPELINE_SOURCE: 'push' }),
      byKey,
      { builder: gitlabRunner, sourceRepository: gitlab, sourceRef: main },
    ],
    [
      'slsa-github-generator, generic',
      generatorProvenance(),
      byJob(generic),
      {
        statedAt: '2026-11-20T08:05:00Z',
        builder: generic,
        sourceRepository: app,
        sourceRef: 'refs/tags/v1.2.0',
        buildLevel: 3,
      },
    ],
    [
      'slsa-github-generator, container-based',
      containerBasedProvenance(),
      byJob(generatorId('builder_container-based_slsa3.yml')),
      {
        statedAt: '2026-11-20T08:00:00Z',
        builder: generatorId('builder_container-based_slsa3.yml'),
        sourceRepository: app,
        sourceRef: main,
        buildLevel: 3,
      },
    ],
    [
      'slsa-github-generator, delegated',
      delegatedProvenance(),
      byJob(generatorId('delegator_generic_slsa3.yml')),
      {
        builder: generatorId('builder_maven_slsa3.yml'),
        sourceRepository: app,
        sourceRef: main,
        buildLevel: 3,
      },
    ],
  ];
  for (const [name, statement, signer, facts] of cases) assert.deepEqual(known(statement, signer), facts, name);
});

test('every kind of slsa-github-generator is known under its own workflow', () => {
  const cases: readonly [string, string][] = [
    ['generic', 'generator_generic_slsa3.yml'],
    ['container', 'generator_container_slsa3.yml'],
    ['go', 'builder_go_slsa3.yml'],
  ];
  for (const [kind, file] of cases) {
    const builder = generatorId(file);
    assert.equal(known(generatorProvenance({ kind, builder }), byJob(builder)).buildLevel, 3, file);
  }
});

test('a builder that nobody knows has no level', () => {
  const builder = 'https://ci.example/builders/1';
  const statement = generatorProvenance({ builder });
  assert.equal(known(statement, byKey).builder, builder);
  assert.equal('buildLevel' in known(statement, byKey), false);
  assert.equal(known(statement, byKey, new Map([[builder, 3]])).buildLevel, 3);
  assert.equal('buildLevel' in known(statement, byKey, new Map([[`${builder}0`, 3]])), false);
});

test('nobody but its own signer speaks for a known builder', () => {
  const evil = 'https://github.com/evil/app/.github/workflows/release.yml@refs/heads/main';
  const other = { ...byJob(generic), issuer: 'https://issuer.example' };
  const cases: readonly [string, Statement, StatementSigner][] = [
    ['a key for slsa-github-generator', generatorProvenance(), byKey],
    ['a job of the source for slsa-github-generator', generatorProvenance(), byJob()],
    ['another workflow of slsa-github-generator', generatorProvenance(), byJob(generatorId('builder_go_slsa3.yml'))],
    [
      'another version of it',
      generatorProvenance(),
      byJob(generatorId('generator_generic_slsa3.yml', 'refs/tags/v1.0.0')),
    ],
    ['a fork of it', generatorProvenance(), byJob(generic.replace('slsa-framework', 'evil'))],
    ['another issuer', generatorProvenance(), other],
    [
      'a delegator for what it does not build',
      generatorProvenance(),
      byJob(generatorId('delegator_generic_slsa3.yml')),
    ],
    ['a builder for itself that is delegated', delegatedProvenance(), byJob(generatorId('builder_maven_slsa3.yml'))],
    ['another workflow for a GitHub workflow', githubProvenance(), byJob(evil)],
    ['another issuer for a GitHub runner', npmProvenance(), { ...byJob(), issuer: 'https://issuer.example' }],
  ];
  for (const [name, statement, signer] of cases) {
    const { builder, buildLevel } = known(statement, signer, new Map([[generic, 3]]));
    assert.deepEqual({ builder, buildLevel }, { builder: undefined, buildLevel: undefined }, name);
  }
});

test('the level is known for releases of slsa-github-generator only', () => {
  for (const ref of [
    'refs/heads/main',
    'refs/tags/v2',
    'refs/tags/v2.0',
    'refs/tags/v2.0.0-rc.0',
    'refs/heads/v2.0.0',
  ]) {
    const builder = generatorId('generator_generic_slsa3.yml', ref);
    const { buildLevel, ...facts } = known(generatorProvenance({ builder }), byJob(builder));
    assert.deepEqual([facts.builder, buildLevel], [builder, undefined], ref);
  }
});

test('a build on its own machines has no level', () => {
  const selfHosted = byJob(workflow, { runnerEnvironment: 'self-hosted' });
  assert.equal(known(githubProvenance(), selfHosted).buildLevel, undefined);
  assert.equal(known(npmProvenance(), selfHosted).buildLevel, undefined);
  const named = npmProvenance({ builder: 'https://github.com/actions/runner/self-hosted' });
  assert.equal(known(named, byJob()).buildLevel, undefined);
});

test('a reusable workflow may name the workflow that called it, and has no level for that', () => {
  const reusable = 'https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v1';
  assert.deepEqual(known(githubProvenance(), byJob(reusable, { buildConfigUri: workflow })), {
    builder: workflow,
    sourceRepository: app,
    sourceRef: main,
  });
  assert.equal(known(githubProvenance(), byJob(reusable)).builder, undefined);
  const own = githubProvenance({ builder: reusable });
  assert.equal(known(own, byJob(reusable)).buildLevel, 2);
  assert.equal(known(own, byJob(reusable), new Map([[reusable, 3]])).buildLevel, 3);
});

test('without the claims of a certificate, the workflow that signed npm provenance has to be the repository’s own', () => {
  const bare = (identity: string): StatementSigner => ({
    kind: 'identity',
    issuer: 'https://token.actions.githubusercontent.com',
    identity,
  });
  assert.equal(known(npmProvenance(), bare(workflow)).buildLevel, 2);
  assert.equal(known(npmProvenance(), bare(workflow.replace('acme', 'evil'))).buildLevel, undefined);
  assert.equal(known(npmProvenance(), bare('jo@example.com')).buildLevel, undefined);
});

test('what contradicts the certificate of its signer says nothing at all', () => {
  const cases: readonly [string, Parameters<typeof byJob>[1]][] = [
    ['repository', { sourceRepositoryUri: 'https://github.com/evil/app' }],
    ['ref', { sourceRepositoryRef: 'refs/heads/evil' }],
    ['commit', { sourceRepositoryDigest: commit.replaceAll('c', 'd') }],
    ['run', { runInvocationUri: run.replace('/1', '/2') }],
  ];
  for (const [name, claims] of cases) assert.deepEqual(known(githubProvenance(), byJob(workflow, claims)), {}, name);
  const agreeing = {
    sourceRepositoryUri: app,
    sourceRepositoryRef: main,
    sourceRepositoryDigest: commit,
    runInvocationUri: run,
  };
  assert.equal(known(githubProvenance(), byJob(workflow, agreeing)).buildLevel, 2);
});

test('a source that is stated in two ways is not known', () => {
  const evil = 'git+https://github.com/evil/app@refs/tags/v1.2.0';
  const cases: readonly [string, Statement, AttestationFacts][] = [
    ['v0.2, another repository', generatorProvenance({ material: evil }), {}],
    ['v0.2, another ref', generatorProvenance({ material: `git+${app}@${main}` }), { sourceRepository: app }],
    ['v0.2, no ref', generatorProvenance({ material: `git+${app}` }), { sourceRepository: app }],
    ['v0.2, no URI', generatorProvenance({ material: 'https://github.com/acme/app' }), {}],
    ['v1, another repository', delegatedProvenance({ parameter: evil }), {}],
    ['v1, another caller', delegatedProvenance({ caller: 'evil/app' }), {}],
    ['v1, a commit without a ref', delegatedProvenance({ source: `git+${app}` }), { sourceRepository: app }],
    ['workflow, another ref', githubProvenance({ resolved: 'refs/pull/1/merge' }), { sourceRepository: app }],
    ['no repository', githubProvenance({ from: 'https://github.com/acme' }), {}],
    ['no full ref', githubProvenance({ ref: 'main' }), { sourceRepository: app }],
  ];
  for (const [name, statement, expected] of cases) {
    const { sourceRepository, sourceRef } = provenanceFacts(statement, byKey);
    assert.deepEqual(
      { sourceRepository, sourceRef },
      { sourceRepository: undefined, sourceRef: undefined, ...expected },
      name,
    );
  }
});

test('a ref on GitLab is a branch or a tag, and that of a merge request neither', () => {
  const cases: readonly [Readonly<Record<string, string>>, string | undefined][] = [
    [{ CI_COMMIT_BRANCH: 'main', CI_COMMIT_REF_NAME: 'main', CI_PIPELINE_SOURCE: 'push' }, 'refs/heads/main'],
    [{ CI_COMMIT_REF_NAME: 'v1.0.0', CI_PIPELINE_SOURCE: 'push' }, 'refs/tags/v1.0.0'],
    [{ CI_COMMIT_REF_NAME: 'fix', CI_PIPELINE_SOURCE: 'merge_request_event' }, undefined],
    [{ CI_COMMIT_REF_NAME: 'fix' }, undefined],
    [{}, undefined],
  ];
  for (const [parameters, ref] of cases) {
    assert.equal(provenanceFacts(gitlabNpmProvenance(parameters), byKey).sourceRef, ref);
  }
});

test('the parameters of a build type that is not known mean nothing', () => {
  const statement = githubProvenance();
  const text = JSON.stringify(statement).replace(
    'actions.github.io/buildtypes/workflow/v1',
    'evil.example/workflow/v1',
  );
  assert.deepEqual(known(JSON.parse(text), byKey), { builder: workflow });
});

test('what is no provenance has no facts of one', () => {
  for (const type of [
    'https://slsa.dev/provenance/v0.1',
    'https://slsa.dev/provenance/v2',
    'https://spdx.dev/Document',
  ]) {
    assert.deepEqual(known({ ...githubProvenance(), predicateType: type }, byJob()), {}, type);
  }
  assert.deepEqual(known(npmPublish(), byKey), {});
});

test('a predicate of any shape is read without an error', () => {
  const shapes = [githubProvenance(), generatorProvenance(), delegatedProvenance(), gitlabNpmProvenance({})];
  fc.assert(
    fc.property(fc.constantFrom(...shapes), fc.jsonValue(), fc.nat(30), (statement, value, place) => {
      let at = 0;
      const predicate: unknown = JSON.parse(JSON.stringify(statement.predicate), (_, each: unknown) =>
        at++ === place ? value : each,
      );
      provenanceFacts({ ...statement, predicate }, byJob());
      provenanceFacts({ ...statement, predicate: value }, byKey);
    }),
  );
});
