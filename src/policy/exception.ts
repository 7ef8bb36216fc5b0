import { anyPurlMatches, type Lookup, type Subject } from './condition.ts';
import type { Doubt } from './doubt.ts';
import { pathMatches } from './glob.ts';
import type { Exception, Policy } from './line.ts';
import type { Gate } from './schema.ts';
import type { ExceptionNote, Place, Suppression } from './verdict.ts';

/** What an exception covers of one subject. */
export interface Cover {
  readonly note: ExceptionNote;
  /** Ended ones are reported and do not count. */
  readonly ended: boolean;
  /** Set: the reasons of these rules only. */
  readonly rules?: readonly string[] | undefined;
  readonly places: readonly Place[];
}

export interface Exceptions {
  forFinding(subject: Subject): readonly Cover[];
  /** Those that name a rule: nothing else covers a licence or a ban. */
  forComponent(subject: Subject, rules: readonly string[]): readonly Cover[];
  /** For rules about the artifact as a whole, likewise. */
  forArtifact(rules: readonly string[]): readonly Cover[];
  forDoubt(doubt: Doubt, subject: Subject | undefined): readonly Cover[];
  /** Those that none of the calls so far has answered with. */
  unused(): readonly ExceptionNote[];
}

/** What is about no place in particular. */
export const wholeArtifact: readonly Place[] = [{}];

/** `exceptions`: those for the gate in question. */
export function exceptionsFor(
  exceptions: readonly Exception[],
  suppressions: readonly Suppression[],
  lookup: Lookup,
): Exceptions {
  const used = new Set<Exception>();
  const byName = Map.groupBy(
    exceptions.flatMap((exception) =>
      [...new Set(exception.vulnerability?.map(lower))].map((name) => ({ name, exception })),
    ),
    ({ name }) => name,
  );
  const nameless = exceptions.filter(
    ({ vulnerability, unknown }) => vulnerability === undefined && unknown === undefined,
  );
  const forDoubts = exceptions.filter(({ unknown }) => unknown !== undefined);
  const stated = Map.groupBy(suppressions, ({ component }) => component);

  function cover(exception: Exception, subject: Subject | undefined, places: readonly Place[]): readonly Cover[] {
    const { component, path } = exception;
    if (component !== undefined && (subject === undefined || !anyPurlMatches(component, subject.component, lookup)))
      return [];
    const covered = places.filter((place) => {
      const at = place.path;
      return path === undefined || (at !== undefined && path.some((pattern) => pathMatches(pattern, at)));
    });
    if (covered.length === 0) return [];
    used.add(exception);
    return [
      { note: noteOf(exception), ended: hasEnded(exception.until, lookup.now), rules: exception.rule, places: covered },
    ];
  }

  return {
    forFinding(subject) {
      const { finding, places } = subject;
      if (finding === undefined) return [];
      const names = new Set([finding.id, ...finding.names].map(lower));
      const named = [...names].flatMap((name) => (byName.get(name) ?? []).map(({ exception }) => exception));
      const onlyByName = finding.kind === 'malware' || finding.exploited !== undefined;
      const chosen = new Set(onlyByName ? named : [...named, ...nameless]);
      return [
        ...[...chosen].flatMap((exception) => cover(exception, subject, places)),
        ...(stated.get(finding.component) ?? [])
          .filter((statement) => names.has(lower(statement.finding)))
          .map(({ by, reason, until, vex }) => ({
            note: { by, reason, until, ...(vex === undefined ? {} : { vex }) },
            ended: until !== undefined && hasEnded(until, lookup.now),
            places,
          })),
      ];
    },
    forComponent(subject, rules) {
      return nameless
        .filter(({ rule }) => rule?.some((name) => rules.includes(name)))
        .flatMap((exception) => cover(exception, subject, subject.places));
    },
    forArtifact(rules) {
      return nameless
        .filter(({ rule }) => rule?.some((name) => rules.includes(name)))
        .flatMap((exception) => cover(exception, undefined, wholeArtifact));
    },
    forDoubt(doubt, subject) {
      return forDoubts
        .filter(({ unknown, ecosystem }) => {
          return (
            unknown?.includes(doubt.kind) &&
            (ecosystem === undefined || (doubt.ecosystem !== undefined && ecosystem.includes(doubt.ecosystem)))
          );
        })
        .flatMap((exception) => cover(exception, subject, [doubt.place]));
    },
    unused: () => exceptions.filter((exception) => !used.has(exception)).map(noteOf),
  };
}

/** `until` counts as a whole day, in UTC. What is no date has ended. */
function hasEnded(until: string, now: number): boolean {
  const day = 86_400_000;
  return !(now < Date.parse(`${until}T00:00:00Z`) + day);
}

/** Whether something was accepted at a gate at one time, and is no longer at another; both in milliseconds since 1970. */
export function acceptanceEnded({ exceptions }: Policy, gate: Gate, between: number, and: number): boolean {
  return exceptions.some(
    ({ gates, until }) => gates?.includes(gate) !== false && !hasEnded(until, between) && hasEnded(until, and),
  );
}

function noteOf({ source, reason, until, ticket, approvedBy }: Exception): ExceptionNote {
  return { by: source, reason, until, ticket, approvedBy };
}

function lower(text: string): string {
  return text.toLowerCase();
}
