import { type Component, type Evidence, type Finding, severityLevels } from '../../sbom/index.ts';
import { fixForAll } from '../../vuln/index.ts';
import { count } from './text.ts';

/** Findings that one update would answer: all of one package at one version, for distributions the source package with its binary packages. */
export interface FindingGroup {
  readonly type: Component['type'];
  readonly name: string;
  readonly version: string;
  /** Names of the binary packages, sorted, where they are not just `name`. */
  readonly packages: readonly string[];
  readonly components: readonly Component[];
  /** One for each vulnerability, in the order of the evidence. */
  readonly findings: readonly Finding[];
  /** The smallest version that fixes all that can be fixed, and how many of the findings that is. */
  readonly update: { readonly version: string; readonly fixes: number } | undefined;
}

/** In the order of the findings, so worst first for those of an evidence. */
export function groupFindings(components: Evidence['components'], findings: readonly Finding[]): FindingGroup[] {
  const byId = new Map(components.map((component) => [component.id, component]));
  const groups = Map.groupBy(findings, ({ component, matched }) =>
    JSON.stringify([byId.get(component)?.type ?? 'generic', matched.package, matched.version]),
  );
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : groupOf(first, members, byId);
  });
}

function groupOf(first: Finding, members: readonly Finding[], byId: ReadonlyMap<string, Component>): FindingGroup {
  const components = [...new Set(members.map(({ component }) => component))].flatMap((id) => byId.get(id) ?? []);
  const names = [...new Set(components.map(({ name }) => name))].sort();
  const findings = [...Map.groupBy(members, ({ id }) => id).values()].flatMap(([finding]) => finding ?? []);
  return {
    type: components[0]?.type ?? 'generic',
    name: first.matched.package,
    version: first.matched.version,
    packages: names.length === 1 && names[0] === first.matched.package ? [] : names,
    components,
    findings,
    update: updateFor(findings),
  };
}

function updateFor(findings: readonly Finding[]): FindingGroup['update'] {
  const fixable = findings.filter(isFixable);
  const version = fixForAll(fixable);
  return version === undefined ? undefined : { version, fixes: fixable.length };
}

/** Where advisories disagree about a fix, it may be none. */
function isFixable(finding: Finding): boolean {
  return fixForAll([finding]) !== undefined;
}

/** Malware that no update replaces: whatever else there is to say, the package has to go. */
export function isToRemove({ findings }: FindingGroup): boolean {
  return findings.some(({ kind, fix }) => kind === 'malware' && fix.state !== 'fixed');
}

/** What the update of a group does, or what else is to be done, in a few words. */
export function updateText(group: FindingGroup): string {
  const { findings, update } = group;
  if (isToRemove(group)) return 'remove it: it is malware';
  if (update !== undefined) {
    return `update to ${update.version} fixes ${shareText(update.fixes, findings.length)}`;
  }
  const states = new Set(findings.map(({ fix }) => fix.state));
  if (findings.some(isFixable)) return 'each has its own fix';
  if (states.has('fixed')) return 'advisories disagree on the fix';
  if (findings.every(({ kind }) => kind === 'unmaintained')) return 'replace it: nobody maintains it';
  if (states.has('unknown')) return 'whether there is a fix is unknown';
  return states.has('not-fixed') ? 'no fix yet' : 'will not be fixed';
}

/** `it`, `both`, `all 3`, `1 of 3`. */
export function shareText(part: number, whole: number): string {
  const [partText, wholeText] = [part, whole].map((number) => number.toLocaleString('en-US'));
  if (part < whole) return `${partText} of ${wholeText}`;
  return whole === 1 ? 'it' : whole === 2 ? 'both' : `all ${wholeText}`;
}

/** The fix of one finding in a few words. */
export function fixText({ fix, kind }: Finding): string {
  if (fix.state !== 'fixed' && kind !== 'vulnerability') return kind === 'malware' ? 'remove it' : 'replace it';
  switch (fix.state) {
    case 'fixed':
      return fix.version;
    case 'not-fixed':
      return 'no fix yet';
    case 'wont-fix':
      return `won't fix (${fix.reason})`;
    case 'unknown':
      return 'fix unknown';
  }
}

/** The level, or what says more than a level. Nobody has rated what is `unknown`. */
export function levelText({ kind, severity }: Finding): string {
  if (kind === 'malware') return 'malware';
  return severity.level === 'unknown' ? 'unrated' : severity.level;
}

/** What makes it more urgent than its level says, and what kind of finding it is where it is no vulnerability. */
export function markText({ kind, exploited, epss }: Finding): string {
  return [
    exploited === undefined ? [] : [exploited.ransomware ? 'KEV ransomware' : 'KEV'],
    epss === undefined ? [] : [`EPSS ${percent(epss.score)}`],
    kind === 'unmaintained' ? ['unmaintained'] : [],
  ]
    .flat()
    .join(' ');
}

/** `94 %`, `0.4 %`: one digit after the point where it matters. */
function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** `1 malware, 2 known to be exploited, 3 critical, 10 medium`: each finding under its level, malware apart. */
export function levelCounts(findings: readonly Finding[]): string {
  const malware = findings.filter(({ kind }) => kind === 'malware');
  const others = findings.filter(({ kind }) => kind !== 'malware');
  const levels = severityLevels.flatMap((level) => {
    const number = others.filter(({ severity }) => severity.level === level).length;
    return number === 0 ? [] : [`${number.toLocaleString('en-US')} ${level === 'unknown' ? 'unrated' : level}`];
  });
  return [...(malware.length === 0 ? [] : [`${malware.length} malware`]), ...levels].join(', ');
}

/** `, 2 of them exploited (KEV)`, or nothing. */
export function exploitedCount(findings: readonly Finding[]): string {
  const exploited = findings.filter((finding) => finding.exploited !== undefined).length;
  return exploited === 0 ? '' : `, ${exploited.toLocaleString('en-US')} known to be exploited (KEV)`;
}

/** `12 findings in 3 packages`. */
export function extent(groups: readonly FindingGroup[]): string {
  const findings = groups.reduce((sum, group) => sum + group.findings.length, 0);
  return `${count(findings, 'finding')} in ${count(groups.length, 'package')}`;
}
