import { fields, type Provenance, text } from './predicate.ts';
import { type GitSource, gitSource, sameRepository } from './repository.ts';

/** What was built, as far as a provenance says it without contradicting itself. */
export interface Source {
  /** `https://github.com/acme/app` */
  readonly repository?: string | undefined;
  /** The branch or tag in full: `refs/heads/main`. */
  readonly ref?: string | undefined;
  /** In hexadecimal. */
  readonly commit?: string | undefined;
}

/** All places of a provenance that name the source. They have to agree. */
interface Stated {
  /** `undefined` among them: it stands there and cannot be read. */
  readonly sources: readonly (GitSource | undefined)[];
  /** The repository whose workflow asked for the build, where it may ask for another version than its own. */
  readonly trigger?: { readonly repository: string | undefined };
}

/** Build types that Plimsoll writes; `docs/provenance.md` says what their parameters are. */
export const plimsollBuildTypes = {
  gitlab: 'urn:plimsoll:build-type:gitlab-job:v1',
  command: 'urn:plimsoll:build-type:command:v1',
} as const;

/** GitHub's, as `actions/attest-build-provenance` writes it and its specification spells it, and the one that npm writes. */
export const githubBuildType = 'https://actions.github.io/buildtypes/workflow/v1';
export const githubBuildTypes: ReadonlySet<string> = new Set([
  githubBuildType,
  'https://github.com/actions/buildtypes/workflow/v1',
]);
const communityBuildType = 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1';

const generator = 'https://github.com/slsa-framework/slsa-github-generator';
const delegatorBuildType = `${generator}/delegator-generic@v0`;

/** By version and build type. What a build type means is known for these only. */
const readers: ReadonlyMap<string, (provenance: Provenance) => Stated> = new Map([
  ...[...githubBuildTypes, communityBuildType].map((type) => [`1 ${type}`, workflow] as const),
  [`1 ${delegatorBuildType}`, delegated],
  ['1 https://slsa.dev/container-based-build/v0.1?draft', parameterSource],
  ...Object.values(plimsollBuildTypes).map((type) => [`1 ${type}`, plimsoll] as const),
  ...['generic@v1', 'container@v1', 'go@v1', 'delegator-generic@v0'].map(
    (type) => [`0.2 ${generator}/${type}`, material] as const,
  ),
  [`0.2 ${generator}-go@v1`, material],
  [`0.2 ${generator}@v1`, material],
  ['0.2 https://github.com/npm/cli/gha@v1', material],
  ['0.2 https://github.com/npm/cli/gha/v2', material],
  ['0.2 https://github.com/npm/cli/gitlab/v0alpha1', gitlabJob],
  ['0.2 https://github.com/npm/cli/gitlab/v1alpha1', gitlabJob],
]);

/** The source of a build. What is not stated, or stated in two ways, is left out. */
export function sourceOf(provenance: Provenance): Source {
  const { sources, trigger } = readers.get(`${provenance.version} ${provenance.buildType}`)?.(provenance) ?? {
    sources: [],
  };
  const [first] = sources;
  if (first === undefined) return {};
  const repositories = [...sources, ...(trigger === undefined ? [] : [trigger])].map((each) => each?.repository);
  if (!repositories.every((each) => each !== undefined && sameRepository(each, first.repository))) return {};
  const agreed = sources.every((other) => other?.ref === first.ref) ? first.ref : undefined;
  return {
    repository: first.repository.replace(/\/$/, '').replace(/\.git$/i, ''),
    ref: agreed !== undefined && /^refs\/(?:heads|tags|pull|merge-requests)\/./.test(agreed) ? agreed : undefined,
    commit: commitOf(provenance, first),
  };
}

function commitOf({ dependencies }: Provenance, { repository, ref }: GitSource): string | undefined {
  const commits = dependencies.flatMap(({ uri, digest }) => {
    const source = gitSource(uri);
    if (source === undefined || source.ref !== ref || !sameRepository(source.repository, repository)) return [];
    return [text(digest['gitCommit']) ?? text(digest['sha1'])];
  });
  const [commit] = commits;
  return commit !== undefined &&
    /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit) &&
    commits.every((each) => each === commit)
    ? commit
    : undefined;
}

/** GitHub's build type, "Resolved dependencies": one is `git+REPOSITORY@REF` of the workflow. */
function workflow({ externalParameters, dependencies }: Provenance): Stated {
  const stated = fields(externalParameters['workflow']);
  const repository = text(stated['repository']);
  const ref = text(stated['ref']);
  if (repository === undefined) return { sources: [] };
  const uris = dependencies.map(({ uri }) => uri);
  const resolved = uris.includes(`git+${repository}@${ref}`)
    ? []
    : uris.map(gitSource).filter((each) => each !== undefined);
  return { sources: [gitSource(`git+${repository}`) && { repository, ref }, ...resolved.slice(0, 1)] };
}

/** A build at the request of a workflow: it may build another commit than that which the workflow runs for. */
function delegated({ externalParameters, internalParameters, dependencies }: Provenance): Stated {
  const [, caller] = /^([^/@]+\/[^/@]+)\//.exec(text(internalParameters['GITHUB_WORKFLOW_REF']) ?? '') ?? [];
  const stated = externalParameters['source'];
  return {
    sources: [
      gitSource(dependencies[0]?.uri),
      ...(stated === undefined ? [] : [gitSource(text(fields(stated)['uri']))]),
    ],
    trigger: { repository: caller === undefined ? undefined : `https://github.com/${caller}` },
  };
}

/** The container-based builder of slsa-github-generator. */
function parameterSource({ externalParameters }: Provenance): Stated {
  return { sources: [gitSource(text(fields(externalParameters['source'])['uri']))] };
}

/** The first material is the source, and the configuration lies in it. */
function material({ configSource, dependencies }: Provenance): Stated {
  return { sources: [gitSource(dependencies[0]?.uri), gitSource(configSource)] };
}

/** GitLab CI, "Predefined variables": CI_COMMIT_BRANCH is there for branches only, CI_COMMIT_REF_NAME for branches, tags and merge requests. */
function gitlabJob(provenance: Provenance): Stated {
  const { CI_COMMIT_BRANCH, CI_COMMIT_REF_NAME, CI_PIPELINE_SOURCE } = provenance.externalParameters;
  const branch = text(CI_COMMIT_BRANCH);
  const name = text(CI_COMMIT_REF_NAME);
  const cause = text(CI_PIPELINE_SOURCE);
  const isTag = name !== undefined && cause !== undefined && !/(?:merge|pull)_request/.test(cause);
  const ref = branch !== undefined ? `refs/heads/${branch}` : isTag ? `refs/tags/${name}` : undefined;
  const { sources } = material(provenance);
  return { sources: sources.map((source) => source && { ...source, ref: source.ref ?? ref }) };
}

function plimsoll({ externalParameters }: Provenance): Stated {
  const repository = text(externalParameters['source']);
  if (repository === undefined) return { sources: [] };
  return { sources: [gitSource(`git+${repository}`) && { repository, ref: text(externalParameters['ref']) }] };
}
