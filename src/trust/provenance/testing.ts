import type { ClaimName } from '../keyless/certificate.ts';
import type { Statement } from '../statement.ts';
import type { StatementSigner } from './signer.ts';

/** Provenance as each of its makers writes it, of `https://github.com/acme/app` at one commit of `main`. */

export const commit = 'c27d339ee6075c1f744c5d4b200f7901aad2c369';
const repository = 'https://github.com/acme/app';
const workflowPath = '.github/workflows/release.yml';
const main = 'refs/heads/main';
export const workflow = `${repository}/${workflowPath}@${main}`;
export const run = `${repository}/actions/runs/1536140711/attempts/1`;
const generator = 'https://github.com/slsa-framework/slsa-github-generator';

export const generatorId = (file: string, ref = 'refs/tags/v2.0.0') => `${generator}/.github/workflows/${file}@${ref}`;

type Changes<Names extends string> = { readonly [Name in Names]?: string };
type Json = { readonly [key: string]: unknown };

function statement(predicateType: string, predicate: Json, name = 'app.tgz'): Statement {
  return { subjects: [{ name, digest: { sha256: 'ab'.repeat(32) } }], predicateType, predicate };
}

/** `actions/attest-build-provenance` */
export function githubProvenance(changes: Changes<'ref' | 'resolved' | 'from' | 'builder'> = {}): Statement {
  const { ref = main, resolved = ref, from = repository, builder = workflow } = changes;
  return statement('https://slsa.dev/provenance/v1', {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { ref, repository: from, path: workflowPath } },
      internalParameters: {
        github: {
          event_name: 'push',
          repository_id: '1296269',
          repository_owner_id: '583231',
          runner_environment: 'github-hosted',
        },
      },
      resolvedDependencies: [{ uri: `git+${from}@${resolved}`, digest: { gitCommit: commit } }],
    },
    runDetails: { builder: { id: builder }, metadata: { invocationId: run } },
  });
}

/** `npm publish --provenance` on GitHub, since npm 9.7. */
export function npmProvenance({ builder = 'https://github.com/actions/runner/github-hosted' } = {}): Statement {
  return statement(
    'https://slsa.dev/provenance/v1',
    {
      buildDefinition: {
        buildType: 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
        externalParameters: { workflow: { ref: main, repository, path: workflowPath } },
        internalParameters: { github: { event_name: 'push', repository_id: '1296269', repository_owner_id: '583231' } },
        resolvedDependencies: [{ uri: `git+${repository}@${main}`, digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: builder }, metadata: { invocationId: run } },
    },
    'pkg:npm/%40acme/app@1.4.3',
  );
}

/** `npm publish --provenance` before that. */
export function oldNpmProvenance(): Statement {
  return statement(
    'https://slsa.dev/provenance/v0.2',
    {
      buildType: 'https://github.com/npm/cli/gha/v2',
      builder: { id: 'https://github.com/actions/runner' },
      invocation: {
        configSource: { uri: `git+${repository}@${main}`, digest: { sha1: commit }, entryPoint: workflowPath },
        parameters: {},
        environment: { GITHUB_REF: main, GITHUB_REPOSITORY: 'acme/app', GITHUB_RUN_ID: '1536140711' },
      },
      metadata: { buildInvocationId: '1536140711-1', completeness: { parameters: false }, reproducible: false },
      materials: [{ uri: `git+${repository}@${main}`, digest: { sha1: commit } }],
    },
    'pkg:npm/%40acme/app@1.4.3',
  );
}

/** `npm publish --provenance` on GitLab. */
export function gitlabNpmProvenance(parameters: Json): Statement {
  const project = 'https://gitlab.com/acme/tools/app';
  return statement('https://slsa.dev/provenance/v0.2', {
    buildType: 'https://github.com/npm/cli/gitlab/v0alpha1',
    builder: { id: `${project}/-/runners/12270831` },
    invocation: {
      configSource: { uri: `git+${project}`, digest: { sha1: commit }, entryPoint: 'publish' },
      parameters,
      environment: { name: 'saas-linux-small-amd64', architecture: 'linux/amd64' },
    },
    metadata: { buildInvocationId: `${project}/-/jobs/4316132595` },
    materials: [{ uri: `git+${project}`, digest: { sha1: commit } }],
  });
}

export function npmPublish({ name = '@acme/app', version = '1.4.3' } = {}): Statement {
  return statement(
    'https://github.com/npm/attestation/tree/main/specs/publish/v0.1',
    { name, version, registry: 'https://registry.example' },
    'pkg:npm/%40acme/app@1.4.3',
  );
}

/** slsa-github-generator: the generic and container generators and the Go builder. */
export function generatorProvenance(changes: Changes<'kind' | 'builder' | 'source' | 'material'> = {}): Statement {
  const { kind = 'generic', builder = generatorId('generator_generic_slsa3.yml') } = changes;
  const { source = `git+${repository}@refs/tags/v1.2.0`, material = source } = changes;
  return statement('https://slsa.dev/provenance/v0.2', {
    builder: { id: builder },
    buildType: `${generator}/${kind}@v1`,
    invocation: {
      configSource: { uri: source, digest: { sha1: commit }, entryPoint: workflowPath },
      parameters: {},
      environment: { github_ref: 'refs/tags/v1.2.0', github_sha1: commit, github_run_id: '2880241138' },
    },
    metadata: {
      buildInvocationID: '2880241138-1',
      buildStartedOn: '2026-11-20T08:00:00Z',
      buildFinishedOn: '2026-11-20T08:05:00Z',
      completeness: { parameters: true, environment: false, materials: false },
      reproducible: false,
    },
    materials: [{ uri: material, digest: { sha1: commit } }],
  });
}

/** slsa-github-generator: builders behind a delegator, v1. */
export function delegatedProvenance(changes: Changes<'source' | 'caller' | 'parameter'> = {}): Statement {
  const { source = `git+${repository}@${main}`, caller = 'acme/app', parameter = source } = changes;
  return statement('https://slsa.dev/provenance/v1', {
    buildDefinition: {
      buildType: `${generator}/delegator-generic@v0`,
      externalParameters: { inputs: {}, vars: {}, source: { uri: parameter, digest: { gitCommit: commit } } },
      internalParameters: {
        GITHUB_REF: main,
        GITHUB_REPOSITORY: caller,
        GITHUB_WORKFLOW_REF: `${caller}/${workflowPath}@${main}`,
      },
      resolvedDependencies: [{ uri: source, digest: { gitCommit: commit } }],
    },
    runDetails: { builder: { id: generatorId('builder_maven_slsa3.yml') }, metadata: { invocationId: run } },
  });
}

/** slsa-github-generator: the container-based builder. */
export function containerBasedProvenance(): Statement {
  return statement('https://slsa.dev/provenance/v1', {
    buildDefinition: {
      buildType: 'https://slsa.dev/container-based-build/v0.1?draft',
      externalParameters: {
        source: { uri: `git+${repository}@${main}`, digest: { sha1: commit } },
        builderImage: { uri: 'rust@sha256:4013eb0e', digest: { sha256: '4013eb0e' } },
        configPath: 'build.toml',
      },
      resolvedDependencies: [
        { uri: `git+${repository}@${main}`, digest: { sha1: commit } },
        { uri: `git+${generator}@refs/tags/v2.0.0`, digest: { sha256: 'b96aafbb' } },
      ],
    },
    runDetails: {
      builder: { id: generatorId('builder_container-based_slsa3.yml') },
      metadata: { invocationId: run, startedOn: '2026-11-20T08:00:00Z' },
    },
  });
}

export const byKey: StatementSigner = { kind: 'key' };

/** A job on GitHub, with what Fulcio writes into its certificate. */
export function byJob(
  identity = workflow,
  claims: Partial<Record<ClaimName, string>> = {},
): Extract<StatementSigner, { kind: 'identity' }> {
  const all: Partial<Record<ClaimName, string>> = {
    runnerEnvironment: 'github-hosted',
    sourceRepositoryUri: repository,
    ...claims,
  };
  return {
    kind: 'identity',
    issuer: 'https://token.actions.githubusercontent.com',
    identity,
    claims: new Map(claimNames.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const]))),
  };
}

const claimNames: readonly ClaimName[] = [
  'runnerEnvironment',
  'sourceRepositoryUri',
  'sourceRepositoryRef',
  'sourceRepositoryDigest',
  'buildConfigUri',
  'runInvocationUri',
];
