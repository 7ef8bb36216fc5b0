import { PlimsollError } from '../../error.ts';
import type { Build, BuildSource } from './build.ts';
import { isRepository } from './repository.ts';
import { plimsollBuildTypes } from './source.ts';

/** Something that went into a build (in-toto attestation v1, "ResourceDescriptor"). */
export interface Material {
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  /** By algorithm, in hexadecimal. */
  readonly digest?: Readonly<Record<string, string>> | undefined;
}

export interface BuildTimes {
  /** RFC 3339. */
  readonly startedOn?: string | undefined;
  readonly finishedOn?: string | undefined;
}

/** What somebody says of a build that nothing else describes. */
export interface DescribedBuild {
  readonly builder: string;
  readonly source: BuildSource;
  /** A URI; that of a plain command by default. */
  readonly buildType?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly invocation?: string | undefined;
}

/** @throws PlimsollError `trust/bad-repository`, `trust/bad-build` */
export function describedBuild(described: DescribedBuild): Build {
  const { source, builder, buildType = plimsollBuildTypes.command, parameters = {}, invocation } = described;
  checkSource(source);
  checkUri(builder, 'builder');
  checkUri(buildType, 'build type');
  return {
    buildType,
    builder,
    externalParameters: {
      source: source.repository,
      ...(source.ref === undefined ? {} : { ref: source.ref }),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    },
    source,
    invocation,
  };
}

/**
 * The predicate of SLSA provenance v1: the source first among what went into the build, then `materials`.
 *
 * @throws PlimsollError `trust/bad-build`
 */
export function provenancePredicate(
  build: Build,
  materials: readonly Material[],
  { startedOn = build.startedOn, finishedOn }: BuildTimes,
  toolVersion: string,
): object {
  const times = [startedOn, finishedOn].map((time) => (time === undefined ? undefined : utcTime(time)));
  const [start, end] = times;
  if (start !== undefined && end !== undefined && Date.parse(start) > Date.parse(end)) {
    throw badBuild(`The build ends at ${end}, before it starts at ${start}`, 'Give the right times.');
  }
  return {
    buildDefinition: {
      buildType: build.buildType,
      externalParameters: build.externalParameters,
      internalParameters: build.internalParameters,
      resolvedDependencies: [...sourceMaterial(build.source), ...materials],
    },
    runDetails: {
      builder: { id: build.builder, version: { plimsoll: toolVersion } },
      metadata: { invocationId: build.invocation, startedOn: start, finishedOn: end },
    },
  };
}

/** `git+REPOSITORY@REF` (SPDX 2.3, 7.7), with the commit that the ref stood for. */
export function sourceUri({ repository, ref }: BuildSource): string {
  return `git+${repository}${ref === undefined ? '' : `@${ref}`}`;
}

function sourceMaterial(source: BuildSource | undefined): readonly Material[] {
  if (source === undefined) return [];
  const { commit } = source;
  return [{ uri: sourceUri(source), ...(commit === undefined ? {} : { digest: { gitCommit: commit } }) }];
}

function checkSource({ repository, ref, commit }: BuildSource): void {
  if (!/^https?:\/\//.test(repository) || !isRepository(repository)) {
    throw new PlimsollError('trust/bad-repository', `"${repository.slice(0, 200)}" names no repository`, {
      hint: 'Give its address: https://github.com/acme/app',
    });
  }
  if (ref !== undefined && !/^refs\/[^\s\p{Cc}]+$/u.test(ref)) {
    throw badBuild(
      `"${ref.slice(0, 200)}" is no branch or tag in full`,
      'Give it as refs/heads/main or refs/tags/v1.2.0.',
    );
  }
  if (commit !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    throw badBuild(
      `"${commit.slice(0, 200)}" is no commit`,
      'Give it in full, 40 or 64 hexadecimal digits: git rev-parse HEAD',
    );
  }
}

function checkUri(uri: string, what: string): void {
  if (/^[a-z][a-z0-9+.-]{1,31}:[^\s"<>\\^`{|}]{1,1000}$/.test(uri)) return;
  throw badBuild(
    `The ${what} "${uri.slice(0, 200)}" is no URI`,
    `Name the ${what} by a URI, such as https://ci.example/builders/1`,
  );
}

function utcTime(text: string): string {
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(time.getTime())) {
    throw badBuild(
      `"${text.slice(0, 100)}" is no time`,
      'Give it as 2026-11-24T08:00:00Z: date -u +%Y-%m-%dT%H:%M:%SZ',
    );
  }
  return `${time.toISOString().slice(0, 19)}Z`;
}

function badBuild(message: string, hint: string): PlimsollError {
  return new PlimsollError('trust/bad-build', message, { hint });
}
