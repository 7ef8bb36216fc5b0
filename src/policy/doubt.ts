import type { Evidence, Unknown } from '../sbom/index.ts';
import { durationText } from './duration.ts';
import type { Line, PolicyData, Rule } from './line.ts';
import type { TrustLine } from './requirement.ts';
import type { UnknownKind } from './schema.ts';
import type { Place } from './verdict.ts';

/** Something that is not known about the artifact or the advisory data, as a policy names it. */
export interface Doubt {
  readonly kind: UnknownKind;
  readonly message: string;
  readonly place: Place;
  /** `Component.id`. */
  readonly component?: string | undefined;
  readonly ecosystem?: string | undefined;
  readonly fix?: string | undefined;
  /** The most that is answered: to be in doubt about something is no worse than to know that it is missing. */
  readonly atMost?: 'deny' | 'warn' | undefined;
}

/** All that `evidence` leaves open, in its order, and what this line asks that nobody can tell. `now` in milliseconds since 1970. */
export function doubtsOf(evidence: Evidence, line: Line, data: PolicyData, now: number): readonly Doubt[] {
  return [
    ...evidence.unknown.map(doubtOf),
    ...nothingFound(evidence),
    ...aboutAdvisories(evidence, data, now),
    ...aboutEnrichment(evidence, line.rules),
    ...aboutTrust(evidence, line.trust),
  ];
}

function doubtOf(unknown: Unknown): Doubt {
  switch (unknown.kind) {
    case 'unread-file': {
      const { path, layer, cataloger, reason } = unknown;
      // What the distribution is, and whether it lists its packages, counts for all of them at once.
      const isDatabase = packageDatabase.test(path) || cataloger === 'os-release';
      const lost = isDatabase ? 'the packages of the distribution are unknown' : 'what it holds is unknown';
      return {
        kind: isDatabase ? 'unread-package-database' : 'unread-file',
        message: sentence(`${path} could not be read (${cataloger}), so ${lost}: ${reason}`),
        place: { path, layer },
      };
    }
    case 'unread-layer': {
      const { layer, reason } = unknown;
      const message = sentence(`Layer ${layer + 1} was not read, so what it holds is unknown: ${reason}`);
      return { kind: 'unread-layer', message, place: { layer } };
    }
    case 'no-version': {
      const { component, reason } = unknown;
      const message = sentence(`${component} has no version that advisories could be held against: ${reason}`);
      return { kind: 'no-version', message, place: {}, component };
    }
    case 'no-advisories': {
      const { ecosystem, components, reason } = unknown;
      const many = components === 1 ? '1 component is' : `${components} components are`;
      const message = sentence(`The advisory data has nothing about ${ecosystem}, so ${many} not judged: ${reason}`);
      return { kind: 'no-advisories', message, place: {}, ecosystem, fix: updateDatabase };
    }
  }
}

/** Where dpkg, apk and rpm keep what is installed, `status.d` being that of images without dpkg itself. */
const packageDatabase =
  /^(?:var\/lib\/dpkg\/status|var\/lib\/dpkg\/status\.d\/(?!.*\.md5sums$)[^/]+|(?:usr\/)?lib\/apk\/db\/installed|(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/[^/]+)$/;

const updateDatabase = 'run: plimsoll db update';

function nothingFound({ artifact, components }: Evidence): readonly Doubt[] {
  if (components.length > 0) return [];
  const message = `Nothing to judge: no component was found in ${artifact.reference}.`;
  return [{ kind: 'no-components', message, place: {} }];
}

/** No data can be newer than its database: a date beyond that is a slip of the feed and tells nothing about its age. */
function aboutAdvisories({ advisories }: Evidence, { maxAge }: PolicyData, now: number): readonly Doubt[] {
  if (advisories.starter) {
    const message = `The advisories are the starter set of ${advisories.advisories} that comes with Plimsoll: silence says little.`;
    return [{ kind: 'starter-advisories', message, place: {}, fix: updateDatabase }];
  }
  const age = now - Math.min(Date.parse(advisories.newest), Date.parse(advisories.built));
  const accepted = `the policy accepts ${durationText(maxAge)}`;
  const stale = (state: string): readonly Doubt[] => {
    return [{ kind: 'stale-advisories', message: sentence(state), place: {}, fix: updateDatabase }];
  };
  if (Number.isNaN(age)) return stale(`The age of the advisory data is unknown; ${accepted}`);
  if (age < -clockSkew) return stale('The advisory data is dated in the future, so its age is unknown');
  if (age > maxAge) return stale(`The newest advisory is ${durationText(age)} old; ${accepted}`);
  return [];
}

const clockSkew = 86_400_000;

/** Without KEV or EPSS a rule over it holds for nothing: silence that is told where there is such a rule. */
function aboutEnrichment({ advisories: { lacks = [] } }: Evidence, rules: readonly Rule[]): readonly Doubt[] {
  return lacks.flatMap((lack): readonly Doubt[] => {
    const { kind, asks, missing, unknown } = enrichments[lack];
    const asking = rules.filter(({ when, except }) =>
      // Whoever asks for `unknown` has an answer.
      [when, except].some((conditions) => asks.some((key) => (conditions?.[key] ?? 'unknown') !== 'unknown')),
    );
    if (asking.length === 0) return [];
    const names = asking.map(({ name }) => name).join(', ');
    const message = `The advisory data has ${missing}, so ${unknown} is unknown, which ${names} asks for.`;
    return [{ kind, message, place: {}, fix: `${updateDatabase} (--${lack} names it where the mirror has none)` }];
  });
}

/** Signed are images; an SBOM or a file may stand for one, a folder never does. */
function aboutTrust({ artifact, trust, trustUnknown }: Evidence, { requirements }: TrustLine): readonly Doubt[] {
  if (artifact.kind === 'directory' || trust !== undefined || requirements.length === 0) return [];
  const rules = requirements.map(({ rule }) => rule).join(', ');
  const why = trustUnknown === undefined ? '' : `: ${trustUnknown}`;
  const { subject, fix } = unsigned[artifact.kind === 'image' ? 'image' : 'other'];
  const message = sentence(`Who signed ${subject} could not be found out, which ${rules} asks for${why}`);
  const atMost = requirements.every(({ action }) => action === 'warn') ? 'warn' : 'deny';
  return [{ kind: 'no-trust', message, place: {}, fix, atMost }];
}

const unsigned = {
  image: {
    subject: 'this image, and what is stated of it,',
    fix: 'name an image in a registry or an OCI layout, and see that it can be reached',
  },
  other: {
    subject: 'the image that this stands for',
    fix: 'ask about the image itself, in a registry or an OCI layout',
  },
} as const;

const enrichments = {
  kev: {
    kind: 'no-kev',
    asks: ['exploited', 'ransomware'],
    missing: 'no catalogue of known exploited vulnerabilities (KEV)',
    unknown: 'what is exploited',
  },
  epss: {
    kind: 'no-epss',
    asks: ['epss', 'epssPercentile'],
    missing: 'no EPSS scores',
    unknown: 'how likely exploitation is',
  },
} as const;

/** With one full stop at its end, whatever the text from outside ends in. */
export function sentence(text: string): string {
  return `${text.replace(/[.\s]{1,8}$/, '')}.`;
}
