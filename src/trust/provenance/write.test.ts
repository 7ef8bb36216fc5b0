import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import type { Statement } from '../statement.ts';
import { type Build, buildOfEnvironment } from './build.ts';
import { provenanceFacts } from './facts.ts';
import { byJob, byKey, commit, run, workflow } from './testing.ts';
import { type DescribedBuild, describedBuild, provenancePredicate } from './write.ts';

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/release.yml@refs/heads/main',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_SHA: commit,
  GITHUB_RUN_ID: '1536140711',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REPOSITORY_ID: '1296269',
  GITHUB_REPOSITORY_OWNER_ID: '583231',
  RUNNER_ENVIRONMENT: 'github-hosted',
};
const gitlab = {
  GITLAB_CI: 'true',
  CI_PROJECT_URL: 'https://gitlab.com/acme/tools/app',
  CI_COMMIT_SHA: commit,
  CI_COMMIT_BRANCH: 'main',
  CI_RUNNER_ID: '12270831',
  CI_JOB_NAME: 'build image',
  CI_JOB_URL: 'https://gitlab.com/acme/tools/app/-/jobs/4316132595',
  CI_JOB_STARTED_AT: '2026-11-24T09:00:00+01:00',
  CI_CONFIG_PATH: '.gitlab-ci.yml',
  CI_PIPELINE_SOURCE: 'push',
  CI_PROJECT_ID: '42',
};
const built: DescribedBuild = {
  builder: 'https://ci.example/builders/1',
  source: { repository: 'https://git.example/acme/app', ref: 'refs/tags/v1.2.0', commit },
};

function of(env: Readonly<Record<string, string | undefined>>): Build {
  const build = buildOfEnvironment(env);
  assert.ok(build);
  return build;
}

function statementOf(build: Build, materials = [{ name: 'base image', uri: 'pkg:oci/node@22' }]): Statement {
  const times = { finishedOn: '2026-11-24T08:05:00.123Z' };
  const predicate: unknown = JSON.parse(JSON.stringify(provenancePredicate(build, materials, times, '1.0.0')));
  return { subjects: [{ digest: {} }], predicateType: 'https://slsa.dev/provenance/v1', predicate };
}

test('in GitHub Actions it is provenance by GitHub’s build type', () => {
  assert.deepEqual(statementOf(of(github)).predicate, {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: {
          ref: 'refs/heads/main',
          repository: 'https://github.com/acme/app',
          path: '.github/workflows/release.yml',
        },
      },
      internalParameters: {
        github: {
          event_name: 'push',
          repository_id: '1296269',
          repository_owner_id: '583231',
          runner_environment: 'github-hosted',
        },
      },
      resolvedDependencies: [
        { uri: 'git+https://github.com/acme/app@refs/heads/main', digest: { gitCommit: commit } },
        { name: 'base image', uri: 'pkg:oci/node@22' },
      ],
    },
    runDetails: {
      builder: { id: workflow, version: { plimsoll: '1.0.0' } },
      metadata: { invocationId: run, finishedOn: '2026-11-24T08:05:00Z' },
    },
  });
});

test('what Plimsoll writes says what it was made of, and verifies as others’ does', () => {
  assert.deepEqual(provenanceFacts(statementOf(of(github)), byJob()), {
    statedAt: '2026-11-24T08:05:00Z',
    builder: workflow,
    sourceRepository: 'https://github.com/acme/app',
    sourceRef: 'refs/heads/main',
    buildLevel: 2,
  });
  assert.deepEqual(provenanceFacts(statementOf(of(gitlab)), byKey), {
    statedAt: '2026-11-24T08:05:00Z',
    builder: 'https://gitlab.com/acme/tools/app/-/runners/12270831',
    sourceRepository: 'https://gitlab.com/acme/tools/app',
    sourceRef: 'refs/heads/main',
    buildLevel: undefined,
  });
  assert.deepEqual(provenanceFacts(statementOf(describedBuild(built)), byKey), {
    statedAt: '2026-11-24T08:05:00Z',
    builder: 'https://ci.example/builders/1',
    sourceRepository: 'https://git.example/acme/app',
    sourceRef: 'refs/tags/v1.2.0',
    buildLevel: undefined,
  });
});

test('names of workflows, branches and tags may have an @ of their own', () => {
  const cases: readonly [string, string][] = [
    ['.github/workflows/release.yml', 'refs/tags/@acme/app@1.0.0'],
    ['.github/workflows/a@b.yml', 'refs/heads/main'],
    ['.github/workflows/a@b.yml', 'refs/heads/x@refs/heads/y'],
  ];
  for (const [path, ref] of cases) {
    const build = of({ ...github, GITHUB_WORKFLOW_REF: `acme/app/${path}@${ref}`, GITHUB_REF: ref });
    assert.deepEqual(build.externalParameters, { workflow: { ref, repository: 'https://github.com/acme/app', path } });
    assert.equal(provenanceFacts(statementOf(build), byKey).sourceRef, ref);
  }
});

test('a workflow that runs for another version than its own does not claim to have built its own', () => {
  const build = of({ ...github, GITHUB_REF: 'refs/pull/7/merge' });
  const { sourceRepository, sourceRef } = provenanceFacts(statementOf(build), byKey);
  assert.deepEqual([sourceRepository, sourceRef], ['https://github.com/acme/app', undefined]);
});

test('in GitLab CI the ref is a tag, a branch or a merge request', () => {
  const none = { ...gitlab, CI_COMMIT_BRANCH: undefined };
  const request = { CI_MERGE_REQUEST_REF_PATH: 'refs/merge-requests/7/head' };
  const cases: readonly [Readonly<Record<string, string | undefined>>, string | undefined][] = [
    [gitlab, 'refs/heads/main'],
    [{ ...none, CI_COMMIT_TAG: 'v1.2.0' }, 'refs/tags/v1.2.0'],
    [{ ...none, ...request }, 'refs/merge-requests/7/head'],
    [{ ...none, CI_MERGE_REQUEST_REF_PATH: '' }, undefined],
    [none, undefined],
  ];
  for (const [env, ref] of cases) {
    assert.equal(of(env).source?.ref, ref);
    assert.equal(provenanceFacts(statementOf(of(env)), byKey).sourceRef, ref);
  }
  assert.match(JSON.stringify(statementOf(of(gitlab)).predicate), /"startedOn":"2026-11-24T08:00:00Z"/);
});

test('outside of a build there is none, and in one with less than it should say there is an error', () => {
  assert.equal(buildOfEnvironment({}), undefined);
  assert.equal(buildOfEnvironment({ CI: 'true', GITHUB_ACTIONS: 'false' }), undefined);
  const lacking: readonly Readonly<Record<string, string>>[] = [
    { ...github, GITHUB_SHA: '' },
    { ...github, GITHUB_WORKFLOW_REF: 'evil/app/.github/workflows/release.yml@refs/heads/main' },
    { ...github, GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/release.yml' },
    { ...gitlab, CI_RUNNER_ID: '' },
    { GITLAB_CI: 'true' },
  ];
  for (const env of lacking) assert.throws(() => buildOfEnvironment(env), { code: 'trust/incomplete-environment' });
});

test('what a build is described by has to name things', () => {
  const wrong: readonly [Partial<DescribedBuild>, string][] = [
    [{ source: { repository: 'git.example/acme/app' } }, 'trust/bad-repository'],
    [{ source: { repository: 'https://git.example' } }, 'trust/bad-repository'],
    [{ source: { ...built.source, ref: 'main' } }, 'trust/bad-build'],
    [{ source: { ...built.source, ref: 'refs/heads/a b' } }, 'trust/bad-build'],
    [{ source: { ...built.source, commit: 'c27d339' } }, 'trust/bad-build'],
    [{ builder: 'me' }, 'trust/bad-build'],
    [{ buildType: 'make' }, 'trust/bad-build'],
  ];
  for (const [change, code] of wrong) {
    assert.throws(() => describedBuild({ ...built, ...change }), { code }, JSON.stringify(change));
  }
  const { externalParameters } = describedBuild({ ...built, parameters: { target: 'release' } });
  assert.deepEqual(externalParameters, {
    source: 'https://git.example/acme/app',
    ref: 'refs/tags/v1.2.0',
    parameters: { target: 'release' },
  });
});

test('times are times, and a build does not end before it starts', () => {
  const write = (startedOn: string | undefined, finishedOn: string) =>
    JSON.stringify(provenancePredicate(describedBuild(built), [], { startedOn, finishedOn }, '1.0.0'));
  assert.match(write('2026-11-24T08:00:00Z', '2026-11-24T10:00:00+01:00'), /"finishedOn":"2026-11-24T09:00:00Z"/);
  for (const [start, end] of [
    ['2026-11-24T08:00:00Z', '2026-11-24T07:59:59Z'],
    ['today', '2026-11-24T08:00:00Z'],
    [undefined, '1'],
    [undefined, '2026-13-24T08:00:00Z'],
  ] as const) {
    assert.throws(() => write(start, end), { code: 'trust/bad-build' }, end);
  }
});

test('an environment of any content is a build or an error that says what to do', () => {
  const names = [...Object.keys(github), ...Object.keys(gitlab)];
  fc.assert(
    fc.property(fc.constantFrom(github, gitlab), fc.constantFrom(...names), fc.string(), (env, name, value) => {
      try {
        const build = buildOfEnvironment({ ...env, [name]: value });
        if (build !== undefined) statementOf(build);
      } catch (error) {
        assert.ok(error instanceof PlimsollError, String(error));
      }
    }),
  );
});
