import { createHash } from 'node:crypto';
import type { ExceptionNote, Reason, Verdict } from '../../policy/index.ts';
import type { Component, Evidence, Finding, Unknown } from '../../sbom/index.ts';
import { layerText, unknownText } from './about.ts';
import { noteText } from './cover.ts';
import { type FindingGroup, groupFindings, levelText } from './group.ts';
import { type Report, splitFindings } from './report.ts';
import { categoriesOf } from './sarif-category.ts';
import { policyRuleId, type SarifLevel, type SarifRule, sarifLevel, sarifPolicyRule, sarifRule } from './sarif-rule.ts';
import { messageText, plainText, uriFor } from './sarif-text.ts';

/** GitHub refuses a result with more than 1,000 locations, and shows 100. */
const mostLocations = 100;

/**
 * SARIF 2.1.0 (OASIS) with one run for each target, for GitHub code scanning and GitLab. Nothing in it depends on the
 * clock, so the same findings give the same bytes.
 */
export function renderSarif(reports: readonly Report[], toolVersion: string): string {
  const categories = categoriesOf(reports);
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: reports.map((report, index) => runOf(report, categories[index] ?? '', toolVersion)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function runOf(report: Report, category: string, toolVersion: string) {
  const { evidence, verdict } = report;
  const alerts = alertsOf(report);
  const { rules, indexOf } = rulesOf(alerts, report);
  const place = placer(report);
  const fingerprint = fingerprinter();
  const results = alerts.map(({ ruleId, identity, level, message, components, where, suppressions }) => {
    const locations = place(components, where);
    const print = fingerprint([ruleId, identity, locations[0]?.physicalLocation.artifactLocation.uri ?? '']);
    return {
      ruleId,
      ruleIndex: indexOf(ruleId),
      level,
      message: { text: messageText(message) },
      locations,
      partialFingerprints: { primaryLocationLineHash: print, 'plimsoll/v1': print },
      suppressions,
    };
  });
  return {
    tool: {
      driver: {
        name: 'Plimsoll',
        version: toolVersion,
        semanticVersion: toolVersion,
        rules,
        notifications: [...new Set(evidence.unknown.map(({ kind }) => kind))].map((id) => ({
          id,
          shortDescription: { text: notificationTexts[id] },
        })),
      },
    },
    automationDetails: { id: category },
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: evidence.unknown.map((unknown) => notificationOf(unknown, report)),
      },
    ],
    columnKind: 'utf16CodeUnits',
    results,
    properties: {
      artifact: { kind: evidence.artifact.kind, digest: digestOf(evidence) },
      advisories: { digest: evidence.advisories.digest, newest: evidence.advisories.newest },
      verdict:
        verdict === undefined
          ? undefined
          : { gate: verdict.gate, outcome: verdict.outcome, policy: verdict.policy.digest },
    },
  };
}

function digestOf({ artifact }: Evidence): string | undefined {
  return artifact.kind === 'directory' ? undefined : artifact.digest;
}

/** One result before it has its place: a vulnerability of a package, or a reason of the policy that is about something else. */
interface Alert {
  readonly ruleId: string;
  /** What stays the same from run to run, whatever the version. */
  readonly identity: string;
  readonly level: SarifLevel;
  readonly message: string;
  readonly components: readonly Component[];
  readonly where: Reason['where'];
  readonly suppressions?: readonly Suppression[] | undefined;
}

interface Suppression {
  readonly kind: 'external';
  readonly status: 'accepted';
  readonly justification: string;
}

function alertsOf(report: Report): readonly Alert[] {
  const { evidence, verdict } = report;
  const { standing, covered } = splitFindings(report);
  const reasons = reasonsByFinding(verdict);
  const coverOf = new Map(covered.map(({ finding, by }) => [keyOf(finding.component, finding.id), by]));
  const alerts = (findings: readonly Finding[]) =>
    groupFindings(evidence.components, findings).flatMap((group) =>
      group.findings.map((finding): Alert => {
        const keys = group.components.map(({ id }) => keyOf(id, finding.id));
        const held = keys.flatMap((key) => reasons.get(key) ?? []);
        const by = keys.flatMap((key) => coverOf.get(key) ?? []);
        return {
          ruleId: finding.id,
          identity: `${group.type} ${group.name}`,
          level: verdict === undefined || by.length > 0 ? sarifLevel(finding) : levelOf(held),
          message: sentenceFor(finding, group, held),
          components: group.components,
          where: [],
          suppressions: by.length === 0 ? undefined : suppressionsOf(by),
        };
      }),
    );
  return [...alerts(standing), ...alerts(covered.map(({ finding }) => finding)), ...policyAlerts(report)];
}

/** Reasons about components as such, and about what could not be found out. */
function policyAlerts({ evidence, verdict }: Report): Alert[] {
  const components = new Map(evidence.components.map((component) => [component.id, component]));
  return (verdict?.reasons ?? []).flatMap((reason) => {
    if (reason.finding !== undefined) return [];
    const component = reason.component === undefined ? undefined : components.get(reason.component);
    return {
      ruleId: policyRuleId(reason.rule),
      identity: component === undefined ? '' : `${component.type} ${component.name}`,
      level: levelOf([reason]),
      message: reason.message,
      components: component === undefined ? [] : [component],
      where: reason.where,
    };
  });
}

function reasonsByFinding(verdict: Verdict | undefined): ReadonlyMap<string, readonly Reason[]> {
  const reasons = verdict?.reasons.filter(({ finding }) => finding !== undefined) ?? [];
  return Map.groupBy(reasons, ({ component, finding }) => keyOf(component, finding));
}

function keyOf(component: string | undefined, finding: string | undefined): string {
  return JSON.stringify([component, finding]);
}

/** At a gate the policy decides how bad something is. */
function levelOf(reasons: readonly Reason[]): SarifLevel {
  if (reasons.some(({ action }) => action === 'deny')) return 'error';
  return reasons.length > 0 ? 'warning' : 'note';
}

function sentenceFor(
  finding: Finding,
  { name, version, type, packages }: FindingGroup,
  reasons: readonly Reason[],
): string {
  const { id, kind, severity, exploited } = finding;
  const what = { vulnerability: `has ${id}`, malware: `is malware: ${id}`, unmaintained: `is not maintained: ${id}` };
  const score = severity.score === undefined ? '' : `, CVSS ${severity.score.toFixed(1)}`;
  const rules = [...new Set(reasons.map(({ action, rule }) => `${action} by ${rule}`))];
  return [
    `${name} ${version} (${type}) ${what[kind]} (${levelText(finding)}${score}).`,
    ...(exploited === undefined ? [] : ['It is known to be exploited.']),
    remedyFor(finding),
    ...(packages.length === 0 ? [] : [`Installed as ${packages.join(', ')}.`]),
    ...(rules.length === 0 ? [] : [`Policy: ${rules.join(', ')}.`]),
  ].join(' ');
}

function remedyFor({ fix, kind }: Finding): string {
  if (fix.state === 'fixed') return `Update to ${fix.version}.`;
  if (kind === 'malware') return 'Remove it.';
  if (kind === 'unmaintained') return 'Replace it.';
  return unfixed[fix.state];
}

const unfixed = {
  'not-fixed': 'There is no fix yet.',
  'wont-fix': 'It will not be fixed.',
  unknown: 'Whether there is a fix is unknown.',
} as const;

function suppressionsOf(by: readonly ExceptionNote[]): Suppression[] {
  const texts = new Set(by.map(noteText));
  return [...texts].map((text) => ({ kind: 'external', status: 'accepted', justification: plainText(text) }));
}

function rulesOf(alerts: readonly Alert[], { evidence, verdict }: Report) {
  const findings = Map.groupBy(evidence.findings, ({ id }) => id);
  const reasons = new Map(verdict?.reasons.map((reason) => [policyRuleId(reason.rule), reason]));
  const ids = [...new Set(alerts.map(({ ruleId }) => ruleId))];
  const rules = ids.flatMap((id): readonly SarifRule[] => {
    const [first, ...more] = findings.get(id) ?? [];
    if (first !== undefined) return [sarifRule(id, [first, ...more])];
    const reason = reasons.get(id);
    return reason === undefined ? [] : [sarifPolicyRule(reason)];
  });
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  return { rules, indexOf: (id: string) => index.get(id) };
}

/** Every result has a place, since code scanning refuses one without: where nothing is known, the artifact itself. */
function placer({ evidence, target }: Report) {
  const { artifact } = evidence;
  return (components: readonly Component[], where: Reason['where']) => {
    const logicalLocations = components.map(({ id, name, version }) => ({
      name: version === undefined ? name : `${name} ${version}`,
      fullyQualifiedName: id,
      kind: 'package',
    }));
    const places = where.length > 0 ? where : components.flatMap(({ locations }) => locations);
    const known = new Map(places.map((place) => [`${place.layer} ${place.path}`, place]));
    const unique = known.size === 0 ? [{ path: undefined, layer: undefined }] : [...known.values()];
    return unique.slice(0, mostLocations).map(({ path, layer }, index) => ({
      physicalLocation: { artifactLocation: { uri: uriFor(artifact, path, target) }, region: { startLine: 1 } },
      logicalLocations: index > 0 || logicalLocations.length === 0 ? undefined : logicalLocations,
      message: {
        text: messageText(
          [path || artifact.reference || 'artifact', ...(layer === undefined ? [] : [layerText(layer, evidence)])].join(
            ', ',
          ),
        ),
      },
    }));
  };
}

/** The same for the same thing in every run; where one file has it twice, with its number. */
function fingerprinter(): (parts: readonly string[]) => string {
  const seen = new Map<string, number>();
  return (parts) => {
    const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
    const number = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, number);
    return `${hash}:${number}`;
  };
}

const notificationTexts: Readonly<Record<Unknown['kind'], string>> = {
  'unread-file': 'A file could not be read',
  'unread-layer': 'A layer was not read',
  'no-version': 'A component could not be held against advisories',
  'no-advisories': 'There is no advisory data for an ecosystem',
};

function notificationOf(unknown: Unknown, { evidence: { artifact }, target }: Report) {
  const path = unknown.kind === 'unread-file' ? unknown.path : undefined;
  return {
    descriptor: { id: unknown.kind },
    level: 'warning',
    message: { text: messageText(unknownText(unknown)) },
    locations:
      path === undefined
        ? undefined
        : [{ physicalLocation: { artifactLocation: { uri: uriFor(artifact, path, target) } } }],
  };
}
