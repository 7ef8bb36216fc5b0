import { nearest } from '../nearest.ts';
import { successorOf } from './license.ts';
import type { Rule } from './line.ts';
import type { Located } from './problem.ts';
import { type PurlPattern, purlTypes } from './purl-pattern.ts';
import {
  type Conditions,
  type FileException,
  type FileRule,
  findingConditions,
  gates,
  type PolicyFile,
  type Spared,
} from './schema.ts';
import type { Path } from './yaml-source.ts';

type Say = (level: Located['level'], path: Path, part: Located['part'], message: string, hint: string) => void;

/**
 * What is well formed and still cannot be meant: rules that never hold, names that nothing has. `rules`: those of every
 * gate; `trustRules`: names of those about signatures and attestations.
 */
export function senseOf(file: PolicyFile, rules: readonly Rule[], trustRules: ReadonlySet<string>): readonly Located[] {
  const problems: Located[] = [];
  const say: Say = (level, path, part, message, hint) => problems.push({ level, path, part, message, hint });
  checkRules(file.rules ?? [], ['rules'], say);
  for (const gate of gates) checkRules(file.gates?.[gate]?.rules ?? [], ['gates', gate, 'rules'], say);
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  for (const [index, exception] of (file.exceptions ?? []).entries()) {
    checkException(exception, ['exceptions', index], { byName, trustRules }, say);
  }
  return problems;
}

function checkRules(rules: readonly FileRule[], at: Path, say: Say): void {
  const seen = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const path = [...at, index];
    if (seen.has(rule.name)) {
      say(
        'error',
        [...path, 'name'],
        'value',
        `there are two rules "${rule.name}" here`,
        'Give each its own name: the verdict names the rule.',
      );
    }
    seen.add(rule.name);
    if (rule.when === undefined) continue;
    checkConditions(rule.when, [...path, 'when'], say);
    if (rule.except === undefined) continue;
    checkConditions(rule.except, [...path, 'except'], say);
    checkExcept(rule.when, rule.except, [...path, 'except'], say);
  }
}

function checkConditions(conditions: Conditions, path: Path, say: Say): void {
  if (conditions.fixAge !== undefined && conditions.fix?.includes('available') === false) {
    say(
      'error',
      [...path, 'fixAge'],
      'key',
      'this never holds: without a fix there is no age of a fix',
      'Leave "fix" out, or write fix: available.',
    );
  }
  if (conditions.exploited === false && conditions.ransomware === true) {
    say(
      'error',
      [...path, 'ransomware'],
      'key',
      'this never holds: what ransomware uses is known to be exploited',
      'Leave "exploited" out.',
    );
  }
  checkTypes(conditions.component ?? [], [...path, 'component'], say);
  for (const key of ['license', 'licenseNotIn'] as const) {
    for (const { text } of conditions[key] ?? []) checkDeprecated(text, [...path, key], say);
  }
}

function checkDeprecated(license: string, path: Path, say: Say): void {
  const successor = successorOf(license);
  if (successor === undefined) return;
  const hint = successor === '' ? 'See spdx.org/licenses for what to write instead.' : `Write "${successor}".`;
  say('warning', path, 'value', `SPDX has deprecated the licence identifier "${license}"`, hint);
}

function checkTypes(patterns: readonly PurlPattern[], path: Path, say: Say): void {
  for (const { text, type } of patterns) {
    if (type.includes('*') || purlTypes.includes(type)) continue;
    const guess = nearest(type, purlTypes);
    const hint =
      guess === undefined ? 'Types are npm, pypi, deb and so on (package-url/purl-spec).' : `Did you mean "${guess}"?`;
    say('warning', path, 'value', `"${type}" in "${text}" is no known package type, so it may never match`, hint);
  }
}

function checkExcept(when: Conditions, except: Spared, path: Path, say: Say): void {
  const keys = Object.keys(except);
  if (!Object.keys(when).some((key) => findingConditions.has(key))) {
    for (const key of keys.filter((name) => findingConditions.has(name))) {
      const hint = 'Add a condition about findings to "when", or leave this out.';
      say('error', [...path, key], 'key', `"${key}" is about findings, but the rule is about components`, hint);
    }
  }
  const wanted = new Map(Object.entries(when).map(([key, value]) => [key, JSON.stringify(value)]));
  if (Object.entries(except).every(([key, value]) => wanted.get(key) === JSON.stringify(value))) {
    say(
      'error',
      path,
      'key',
      'the rule never holds: it spares all that "when" names',
      'Narrow "except", or leave the rule out.',
    );
  }
}

interface KnownRules {
  readonly byName: ReadonlyMap<string, Rule>;
  readonly trustRules: ReadonlySet<string>;
}

function checkException(exception: FileException, path: Path, { byName, trustRules }: KnownRules, say: Say): void {
  const { vulnerability, component, path: paths, rule, unknown, ecosystem } = exception;
  checkTypes(component ?? [], [...path, 'component'], say);
  if (!vulnerability && !component && !paths && !rule && !unknown) {
    const hint = 'Name a vulnerability, component, path, rule or unknown.';
    say('error', path, 'value', 'the exception does not say what it covers', hint);
  }
  if (ecosystem !== undefined && unknown?.includes('no-advisories') !== true) {
    say(
      'error',
      [...path, 'ecosystem'],
      'key',
      '"ecosystem" goes with unknown: no-advisories only',
      'Use "component", such as pkg:npm/**.',
    );
  }
  if (unknown !== undefined) {
    const hint = 'Write two exceptions: one for findings, one for what is unknown.';
    if (vulnerability)
      say(
        'error',
        [...path, 'vulnerability'],
        'key',
        'what is unknown has no vulnerability, so this covers nothing',
        hint,
      );
    if (rule)
      say('error', [...path, 'rule'], 'key', 'what is unknown is judged by no rule, so this covers nothing', hint);
    const placed = unknown.some((kind) => kind === 'unread-file' || kind === 'unread-package-database');
    if (paths && !placed)
      say(
        'error',
        [...path, 'path'],
        'key',
        `"${unknown.join(', ')}" has no path, so this covers nothing`,
        'Leave "path" out.',
      );
    if (component && !unknown.includes('no-version')) {
      say(
        'error',
        [...path, 'component'],
        'key',
        `"${unknown.join(', ')}" has no component, so this covers nothing`,
        'Leave "component" out.',
      );
    }
  }
  for (const name of rule ?? []) {
    const named = byName.get(name);
    if (trustRules.has(name)) {
      for (const key of ['vulnerability', 'component', 'path'] as const) {
        if (exception[key] === undefined) continue;
        const message = `the rule "${name}" is about the artifact as a whole, so a ${key} never counts`;
        say('error', [...path, key], 'key', message, `Leave "${key}" out.`);
      }
    } else if (named === undefined) {
      const all = [...byName.keys(), ...trustRules];
      const guess = trustRules.has(`trust.${name}`) ? `trust.${name}` : nearest(name, all);
      const hint = guess === undefined ? `The rules are ${all.join(', ')}.` : `Did you mean "${guess}"?`;
      say('error', [...path, 'rule'], 'value', `there is no rule "${name}"`, hint);
    } else if (named.about === 'component' && vulnerability) {
      const hint = 'Leave "vulnerability" out.';
      say(
        'error',
        [...path, 'vulnerability'],
        'key',
        `the rule "${name}" is about components, so a vulnerability never counts`,
        hint,
      );
    }
  }
}
