import type { ExceptionNote, Suppressed } from '../../policy/index.ts';
import type { Component, Evidence } from '../../sbom/index.ts';
import type { Covered } from './report.ts';

const namedComponents = 3;

type Subject = Pick<Suppressed, 'finding' | 'component' | 'unknown' | 'rule'>;

/** What is covered, by whom, why and until when: one sentence for all components that one exception covers alike. */
export function coverSentences(
  entries: readonly (Subject & ExceptionNote)[],
  { components }: Pick<Evidence, 'components'>,
): string[] {
  const titles = new Map(components.map((component) => [component.id, titleOf(component)]));
  const alike = Map.groupBy(entries, (entry) => JSON.stringify([what(entry), noteText(entry)]));
  return [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const names = new Set(
      members.flatMap(({ component }) => (component === undefined ? [] : (titles.get(component) ?? component))),
    );
    return `${[what(first), listOf([...names])].filter((part) => part !== '').join(' in ')}: ${noteText(first)}`;
  });
}

/** Findings that VEX statements cover, as {@link coverSentences} takes them. */
export function coverEntries(covered: readonly Covered[]): (Subject & ExceptionNote)[] {
  return covered.flatMap(({ finding, by }) =>
    by.map((cover) => ({ ...cover, finding: finding.id, component: finding.component })),
  );
}

export function noteText({ by, reason, until, ticket, approvedBy }: ExceptionNote): string {
  const facts = [
    `${by}${until === undefined ? '' : `, until ${until}`}`,
    ...(ticket === undefined ? [] : [ticket]),
    ...(approvedBy === undefined ? [] : [`approved by ${approvedBy}`]),
  ];
  return `${reason} (${facts.join('; ')})`;
}

function what({ finding, unknown, rule }: Subject): string {
  return finding ?? (unknown === undefined ? (rule ?? '') : `unknown.${unknown}`);
}

function listOf(names: readonly string[]): string {
  const more = names.length - namedComponents;
  return `${names.slice(0, namedComponents).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function titleOf({ name, version }: Component): string {
  return version === undefined ? name : `${name} ${version}`;
}
