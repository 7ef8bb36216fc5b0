import { type Component, type Distro, distroOf } from '../sbom/index.ts';
import { type DistroFeed, distroFeed, type FeedOptions } from './distro-feed.ts';
import { hasEpoch } from './version/rpm.ts';

/** What to ask the advisory database about a component. */
export interface Question {
  /** As the database names it: `Debian:12`, `npm`. */
  readonly ecosystem: string;
  /** The package as that ecosystem's advisories name it: for many distributions the source package. */
  readonly name: string;
  readonly version: string | undefined;
  /** The version is a source rpm's, whose epoch is not known: compare without it. */
  readonly epochUnknown: boolean;
}

export type Scope =
  | {
      readonly kind: 'covered';
      readonly questions: readonly Question[];
      /** What an advisory says for the first of the ecosystems that it names counts; the rest is not asked. */
      readonly firstDecides: boolean;
    }
  /** The database has nothing about this ecosystem, so silence means nothing. */
  | { readonly kind: 'not-covered'; readonly ecosystem: string; readonly reason: string };

export const languageEcosystems = {
  npm: 'npm',
  pypi: 'PyPI',
  maven: 'Maven',
  golang: 'Go',
  cargo: 'crates.io',
  gem: 'RubyGems',
  composer: 'Packagist',
  nuget: 'NuGet',
} as const;

/**
 * Which advisories concern a component of an artifact with this distribution, as far as the database (`known`: its
 * ecosystems) has any.
 */
export function scopesOf(
  distro: Distro | undefined,
  known: ReadonlySet<string>,
  options: FeedOptions,
): (component: Component) => Scope {
  const asked = new Map<string, readonly string[]>();
  const ecosystemsOf = (feed: DistroFeed, of: Distro) => {
    const release = `${of.id} ${of.versionId} ${of.codename}`;
    const found = asked.get(release) ?? feed.ecosystems(of, known, options);
    asked.set(release, found);
    return found;
  };
  return (component) => {
    const { type } = component;
    if (type === 'generic') {
      return { kind: 'not-covered', ecosystem: type, reason: 'No advisory feed knows packages of this kind.' };
    }
    if (type === 'deb' || type === 'apk' || type === 'rpm') {
      return distroScope(component, type, distroOf(component.id, distro), ecosystemsOf);
    }
    const ecosystem = languageEcosystems[type];
    if (!known.has(ecosystem)) return notCovered(ecosystem);
    const question = { ecosystem, name: component.name, version: languageVersion(component), epochUnknown: false };
    return { kind: 'covered', questions: [question], firstDecides: false };
  };
}

function distroScope(
  component: Component,
  type: DistroFeed['type'],
  distro: Distro | undefined,
  ecosystemsOf: (feed: DistroFeed, of: Distro) => readonly string[],
): Scope {
  if (distro === undefined) {
    return { kind: 'not-covered', ecosystem: type, reason: 'The distribution of these packages is not known.' };
  }
  const feed = distroFeed(distro);
  if (feed === undefined || feed.type !== type) {
    return {
      kind: 'not-covered',
      ecosystem: distro.versionId === undefined ? distro.id : `${distro.id}:${distro.versionId}`,
      reason: `No advisory feed covers ${type} packages of ${distro.name}; those of a related distribution would mislead.`,
    };
  }
  const ecosystems = ecosystemsOf(feed, distro);
  if (ecosystems.length === 0) return notCovered(feed.title(distro));
  const { name, version } = feed.names === 'source' ? sourceOf(component) : component;
  // A binary rpm without epoch has epoch 0; the file name of a source rpm just does not tell it.
  const fromSource = type === 'rpm' && feed.names === 'source' && component.source?.version !== undefined;
  const epochUnknown = fromSource && version !== undefined && !hasEpoch(version);
  return {
    kind: 'covered',
    questions: ecosystems.map((ecosystem) => ({ ecosystem, name, version, epochUnknown })),
    firstDecides: feed.firstDecides,
  };
}

function notCovered(ecosystem: string): Scope {
  return { kind: 'not-covered', ecosystem, reason: `The advisory database has nothing about ${ecosystem}.` };
}

function sourceOf({ name, version, source }: Component): {
  readonly name: string;
  readonly version: string | undefined;
} {
  // A source version that is not stated is that of the binary package (Debian policy 5.6.1, Alpine origins).
  return { name: source?.name ?? name, version: source?.version ?? version };
}

/** The Go toolchain's version in the form that tells it from a module's: `1.22.1-fips` is no pre-release of Go. */
function languageVersion({ type, name, version }: Component): string | undefined {
  if (type !== 'golang') return version;
  if (version === '(devel)') return undefined;
  return name === 'stdlib' && version !== undefined && /^\d/.test(version) ? `go${version}` : version;
}
