import type { Action } from './field.ts';
import type { Located } from './problem.ts';
import { layTrust, newTrustDraft, settledTrust, type TrustDraft, type TrustLine } from './requirement.ts';
import {
  type Conditions,
  type FileException,
  type FileRule,
  findingConditions,
  type Gate,
  gates,
  type PolicyFile,
  type Spared,
  type UnknownKind,
  unknownKindNames,
} from './schema.ts';
import type { Signer } from './signer.ts';
import type { Path } from './yaml-source.ts';

export interface Rule {
  readonly name: string;
  readonly action: 'deny' | 'warn';
  readonly reason?: string | undefined;
  /** Rules about components hold without a finding: licences, bans. */
  readonly about: 'finding' | 'component';
  readonly when: Conditions;
  readonly except?: Spared | undefined;
}

/** What holds at one gate. */
export interface Line {
  readonly rules: readonly Rule[];
  readonly unknown: Readonly<Record<UnknownKind, Action>>;
  readonly trust: TrustLine;
}

export interface Exception extends FileException {
  /** Where it stands, `plimsoll.yaml:14`. */
  readonly source: string;
}

export interface PolicyData {
  /** In milliseconds. */
  readonly maxAge: number;
  readonly ubuntuPro: boolean;
}

/** Whom the policy trusts. */
export interface PolicyTrust {
  readonly signers: readonly Signer[];
  /** A file relative to the policy file, or its content; absent: those of the public Sigstore. */
  readonly trustedRoot?: string | undefined;
}

/** A policy with everything settled: the default line taken in, each gate's differences applied. */
export interface Policy {
  /** The file it comes from, or `built-in default`. */
  readonly name: string;
  readonly lines: Readonly<Record<Gate, Line>>;
  readonly exceptions: readonly Exception[];
  readonly data: PolicyData;
  readonly trust: PolicyTrust;
}

/** Lays `file` over `base` for each gate: the base's common part, its gate's part, then the file's common part and gate's part. */
export function linesOf(
  file: PolicyFile,
  base: PolicyFile | undefined,
): { readonly lines: Readonly<Record<Gate, Line>>; readonly problems: readonly Located[] } {
  const problems = new Map<string, Located>();
  const lineOf = (gate: Gate): Line => {
    const draft: Draft = { rules: new Map(), unknown: {}, trust: newTrustDraft() };
    for (const part of base === undefined ? [] : [base, base.gates?.[gate]]) lay(draft, part, []);
    const own = [...lay(draft, file, []), ...lay(draft, file.gates?.[gate], ['gates', gate])];
    for (const problem of own) problems.set(JSON.stringify(problem.path), problem);
    return settled(draft, file.trust?.signers !== undefined);
  };
  const lines = {
    build: lineOf('build'),
    ingress: lineOf('ingress'),
    admission: lineOf('admission'),
    continuous: lineOf('continuous'),
  };
  const open = gates.filter((gate) => lines[gate].rules.length + lines[gate].trust.requirements.length === 0);
  if (problems.size > 0 || open.length === 0) return { lines, problems: [...problems.values()] };
  const vacuous: Located = {
    level: 'error',
    path: ['rules'],
    part: 'key',
    message: `no rule is left at ${open.join(', ')}, where everything would be allowed`,
    hint: 'Add a rule, or leave "extends: nothing" out to keep the default line.',
  };
  return { lines, problems: [vacuous] };
}

interface Draft {
  readonly rules: Map<string, Rule | 'off'>;
  unknown: Partial<Record<UnknownKind, Action | undefined>>;
  readonly trust: TrustDraft;
}

function lay(draft: Draft, part: Pick<PolicyFile, 'rules' | 'unknown' | 'trust'> | undefined, at: Path): Located[] {
  const problems: Located[] = [];
  for (const [index, rule] of (part?.rules ?? []).entries()) {
    const answer = ruleOver(draft.rules.get(rule.name), rule);
    if (typeof answer === 'object' && 'message' in answer) {
      problems.push({ ...answer, level: 'error', path: [...at, 'rules', index, ...answer.path] });
    } else draft.rules.set(rule.name, answer);
  }
  for (const kind of unknownKindNames) {
    const answer = part?.unknown?.[kind];
    if (answer !== undefined) draft.unknown = { ...draft.unknown, [kind]: answer };
  }
  return [...problems, ...layTrust(draft.trust, part?.trust, [...at, 'trust'])];
}

function ruleOver(
  earlier: Rule | 'off' | undefined,
  { name, action, reason, when, except }: FileRule,
): Rule | 'off' | Located {
  if (action === 'allow') {
    if (when !== undefined || except !== undefined) {
      return {
        level: 'error',
        path: [when === undefined ? 'except' : 'when'],
        part: 'key',
        message: `"action: allow" switches the rule "${name}" off altogether, so conditions mean nothing`,
        hint: 'To spare some of what a rule refuses, give that rule an "except", or write an exception.',
      };
    }
    if (earlier !== undefined) return 'off';
    return {
      level: 'error',
      path: ['action'],
      part: 'value',
      message: `there is no earlier rule "${name}" that "action: allow" could switch off`,
      hint: 'A rule cannot overrule others: what no rule refuses is allowed. Use "except" in the rule that refuses, or an exception.',
    };
  }
  if (when !== undefined) return { name, action, reason, about: aboutOf(when), when, except };
  if (earlier === undefined || earlier === 'off') {
    return {
      level: 'error',
      path: ['name'],
      part: 'value',
      message: `the rule "${name}" has no "when", and there is no earlier rule of that name to take it from`,
      hint: 'Say when it holds, such as when: { severity: critical }, or correct the name.',
    };
  }
  if (except !== undefined) {
    return {
      level: 'error',
      path: ['except'],
      part: 'key',
      message: `the rule "${name}" has an "except" but no "when"`,
      hint: 'Repeat the "when" of the earlier rule: conditions are replaced as a whole.',
    };
  }
  return { ...earlier, action, reason: reason ?? earlier.reason };
}

function aboutOf(when: Conditions): Rule['about'] {
  return Object.keys(when).some((key) => findingConditions.has(key)) ? 'finding' : 'component';
}

/** What nobody gives an answer for is refused. */
function settled({ rules, unknown, trust }: Draft, hasSigners: boolean): Line {
  return {
    rules: [...rules.values()].filter((rule) => rule !== 'off'),
    unknown: {
      'unread-layer': unknown['unread-layer'] ?? 'deny',
      'unread-package-database': unknown['unread-package-database'] ?? 'deny',
      'unread-file': unknown['unread-file'] ?? 'deny',
      'no-version': unknown['no-version'] ?? 'deny',
      'no-advisories': unknown['no-advisories'] ?? 'deny',
      'no-components': unknown['no-components'] ?? 'deny',
      'stale-advisories': unknown['stale-advisories'] ?? 'deny',
      'starter-advisories': unknown['starter-advisories'] ?? 'deny',
      'no-kev': unknown['no-kev'] ?? 'deny',
      'no-epss': unknown['no-epss'] ?? 'deny',
      'no-trust': unknown['no-trust'] ?? 'deny',
    },
    trust: settledTrust(trust, hasSigners),
  };
}
