import type { Component, Finding } from '../sbom/index.ts';
import { sentence } from './doubt.ts';
import { type LicensePattern, licenseMatches, readLicenses, unavoidable } from './license.ts';
import type { Rule } from './line.ts';

/** Why the rule holds, as a sentence. */
export function messageFor(rule: Rule, component: Component, finding: Finding | undefined): string {
  const statement = finding === undefined ? aboutComponent(rule, component) : aboutFinding(component, finding);
  return rule.reason === undefined ? statement : `${statement} ${sentence(rule.reason)}`;
}

/** What to do, for `Reason.fix`; `undefined` where there is nothing that is known to help. */
export function fixFor({ fix, kind }: Finding): string | undefined {
  return fix.state === 'fixed' ? `update to ${fix.version}` : withoutFix[kind];
}

/** Malware gets no fix, and what nobody maintains none either. */
const withoutFix = { malware: 'remove it', unmaintained: 'replace it', vulnerability: undefined } as const;

function aboutFinding(component: Component, finding: Finding): string {
  const subject = titleOf(component);
  const { id, kind, severity, exploited } = finding;
  if (kind === 'malware') return sentence(`${subject} is malware (${id}); ${remedy(finding)}`);
  if (kind === 'unmaintained') return sentence(`${subject} is no longer maintained (${id}); ${remedy(finding)}`);
  const score = severity.score === undefined ? '' : `, CVSS ${severity.score}`;
  const rating = severity.level === 'unknown' ? 'severity unknown' : severity.level;
  const known = exploited === undefined ? '' : `, known to be exploited since ${exploited.since}`;
  const ransomware = exploited?.ransomware === true ? ', by ransomware too' : '';
  return sentence(`${subject} has ${id} (${rating}${score})${known}${ransomware}; ${remedy(finding)}`);
}

function remedy({ fix, kind }: Finding): string {
  const otherwise = withoutFix[kind];
  switch (fix.state) {
    case 'fixed':
      return `${fix.version} fixes it`;
    case 'not-fixed':
      return otherwise ?? 'there is no fix yet';
    case 'wont-fix':
      return otherwise ?? `it will not be fixed (${fix.reason})`;
    case 'unknown':
      return otherwise ?? 'whether there is a fix is unknown';
  }
}

function aboutComponent({ name, when }: Rule, component: Component): string {
  const subject = titleOf(component);
  if (when.license === undefined && when.licenseNotIn === undefined) return `${subject} is what rule ${name} names.`;
  const declared = component.licenses.map((text) => `"${text}"`).join(' and ');
  if (declared === '') return `${subject} states no licence, which rule ${name} does not accept.`;
  const cause = isUnknown(component, when.license ?? []) ? ', which is not an SPDX expression' : '';
  return `${subject} is under ${declared}${cause}; rule ${name} does not accept that.`;
}

function isUnknown(component: Component, named: readonly LicensePattern[]): boolean {
  const license = readLicenses(component.licenses);
  const isNamed = named.length === 0 || named.some(({ kind }) => kind === 'unknown');
  return isNamed && unavoidable(license, (leaf) => licenseMatches({ kind: 'unknown', text: '' }, leaf));
}

function titleOf({ name, version }: Component): string {
  return version === undefined ? `${name} (version unknown)` : `${name} ${version}`;
}
