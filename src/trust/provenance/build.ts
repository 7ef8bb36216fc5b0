import { PlimsollError } from '../../error.ts';
import { githubBuildType, plimsollBuildTypes } from './source.ts';

/** A build as its surroundings or its maker describe it. */
export interface Build {
  readonly buildType: string;
  readonly builder: string;
  readonly externalParameters: Readonly<Record<string, unknown>>;
  readonly internalParameters?: Readonly<Record<string, unknown>> | undefined;
  readonly source?: BuildSource | undefined;
  readonly invocation?: string | undefined;
  /** RFC 3339. */
  readonly startedOn?: string | undefined;
}

export interface BuildSource {
  /** `https://github.com/acme/app` */
  readonly repository: string;
  /** `refs/heads/main` */
  readonly ref?: string | undefined;
  readonly commit?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The build that this process is a step of.
 *
 * @returns `undefined` outside of GitHub Actions and GitLab CI
 * @throws PlimsollError `trust/incomplete-environment`
 */
export function buildOfEnvironment(env: Environment): Build | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return githubBuild(env);
  return env['GITLAB_CI'] === 'true' ? gitlabBuild(env) : undefined;
}

/** By GitHub's build type "Workflow v1", with what GitHub documents as default environment variables. */
function githubBuild(env: Environment): Build {
  const needed = (name: string) => neededIn(env, name, 'GitHub Actions');
  const server = needed('GITHUB_SERVER_URL');
  const name = needed('GITHUB_REPOSITORY');
  const repository = `${server}/${name}`;
  const workflow = needed('GITHUB_WORKFLOW_REF');
  // The name of a workflow's file and a ref may both have an `@` of their own, a ref starts with `refs/`.
  const [, path, ref] = /^([^@]+(?:@(?!refs\/)[^@]*)*)@(refs\/.+)$/.exec(workflow.slice(name.length + 1)) ?? [];
  if (!workflow.startsWith(`${name}/`) || path === undefined) {
    throw incomplete(`GITHUB_WORKFLOW_REF is "${workflow.slice(0, 200)}", which is no workflow of ${name}`);
  }
  return {
    buildType: githubBuildType,
    // The workflow that the run began with. In a reusable one nothing but the identity token tells its own name.
    builder: `${server}/${workflow}`,
    externalParameters: { workflow: { ref, repository, path } },
    internalParameters: {
      github: withoutUnset({
        event_name: env['GITHUB_EVENT_NAME'],
        repository_id: env['GITHUB_REPOSITORY_ID'],
        repository_owner_id: env['GITHUB_REPOSITORY_OWNER_ID'],
        runner_environment: env['RUNNER_ENVIRONMENT'],
      }),
    },
    source: { repository, ref: needed('GITHUB_REF'), commit: needed('GITHUB_SHA') },
    invocation: `${repository}/actions/runs/${needed('GITHUB_RUN_ID')}/attempts/${needed('GITHUB_RUN_ATTEMPT')}`,
  };
}

/** GitLab CI, "Predefined CI/CD variables". */
function gitlabBuild(env: Environment): Build {
  const needed = (name: string) => neededIn(env, name, 'GitLab CI');
  const repository = needed('CI_PROJECT_URL');
  const ref = gitlabRef(env);
  return {
    buildType: plimsollBuildTypes.gitlab,
    // As GitLab and npm name it.
    builder: `${repository}/-/runners/${needed('CI_RUNNER_ID')}`,
    externalParameters: withoutUnset({
      source: repository,
      ref,
      entryPoint: needed('CI_JOB_NAME'),
      configPath: env['CI_CONFIG_PATH'],
    }),
    internalParameters: {
      gitlab: withoutUnset({
        pipeline_source: env['CI_PIPELINE_SOURCE'],
        project_id: env['CI_PROJECT_ID'],
        namespace_id: env['CI_PROJECT_NAMESPACE_ID'],
        pipeline: env['CI_PIPELINE_URL'],
      }),
    },
    source: { repository, ref, commit: needed('CI_COMMIT_SHA') },
    invocation: needed('CI_JOB_URL'),
    startedOn: env['CI_JOB_STARTED_AT'],
  };
}

/** `undefined`: the job runs for something that is neither. */
function gitlabRef(env: Environment): string | undefined {
  const { CI_COMMIT_TAG: tag, CI_COMMIT_BRANCH: branch, CI_MERGE_REQUEST_REF_PATH: request } = env;
  if (tag !== undefined && tag !== '') return `refs/tags/${tag}`;
  if (branch !== undefined && branch !== '') return `refs/heads/${branch}`;
  return request === '' ? undefined : request;
}

function neededIn(env: Environment, name: string, system: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw incomplete(`This looks like ${system}, and ${name} is not set`);
}

function incomplete(message: string): PlimsollError {
  return new PlimsollError('trust/incomplete-environment', message, {
    hint: 'Give what was built by --source, --ref and --commit, and who builds by --builder.',
  });
}

/** Set and empty are the same (SLSA v1.0 provenance, "Parsing rules"). */
function withoutUnset(values: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
}
