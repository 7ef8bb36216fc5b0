/**
 * The policy file, `plimsoll.yaml`, as zod sees it. `schema/plimsoll.schema.json` is generated from here, so every field
 * carries the sentence that an editor shows.
 */
import * as z from 'zod/mini';
import { limits } from '../limits.ts';
import { severityLevels } from '../sbom/index.ts';
import { action, described, duration, oneOrMany, optional, pattern, ruleName, text, texts } from './field.ts';
import { readPathPattern } from './glob.ts';
import { readLicensePattern } from './license.ts';
import { readPurlPattern } from './purl-pattern.ts';
import { trust, trustAtGate } from './trust-schema.ts';

export const gates = ['build', 'ingress', 'admission', 'continuous'] as const;
export type Gate = (typeof gates)[number];

/** What can be unknown about an artifact, and what a file says about it. */
const unknownKinds = {
  'unread-layer': 'A layer that was not looked into, so anything may be in it.',
  'unread-package-database': 'The database of installed distribution packages (dpkg, apk, rpm) could not be read.',
  'unread-file': 'Any other file that holds packages and could not be read, such as a broken lock file.',
  'no-version': 'A component without a version: no advisory can be held against it.',
  'no-advisories': 'The advisory data has nothing at all about an ecosystem that the artifact uses.',
  'no-components': 'No component was found in the artifact, so nothing was judged.',
  'stale-advisories': 'The newest advisory is older than `data.maxAge`.',
  'starter-advisories': 'The advisories are the small starter set that comes with Plimsoll.',
  'no-kev': 'A rule asks what is known to be exploited, and the advisory data has no such catalogue (KEV).',
  'no-epss': 'A rule asks how likely exploitation is, and the advisory data has no scores for that (EPSS).',
  'no-trust': 'A signature or an attestation is required, and nobody looked for any.',
} as const;
export type UnknownKind = keyof typeof unknownKinds;
export const unknownKindNames = Object.keys(unknownKinds).filter((name): name is UnknownKind => name in unknownKinds);

const purl = oneOrMany(pattern(readPurlPattern, 'pkg:npm/lodash'));
const path = oneOrMany(pattern(readPathPattern, 'opt/app/**'));
const license = oneOrMany(pattern(readLicensePattern, 'AGPL-3.0-only'));
const vulnerability = oneOrMany(
  text
    .check(z.regex(/^[A-Za-z][A-Za-z0-9]*[-:][A-Za-z0-9._:-]+$/))
    .register(z.globalRegistry, { examples: ['CVE-2021-44228'] }),
);

/** Nothing is wrong so far: a condition of the wrong name is told once, not also as a missing one. */
const isWell = ({ issues }: { readonly issues: readonly unknown[] }): boolean => issues.length === 0;

/** From `atLeast` (included) up to `below` (not included). */
function range<Input>(bound: z.ZodMiniType<number, Input>) {
  return z
    .strictObject({
      atLeast: optional(bound, 'This or more.'),
      below: optional(bound, 'Less than this.'),
    })
    .check(
      z.refine(({ atLeast, below }) => atLeast !== undefined || below !== undefined, {
        when: isWell,
        error: 'the range has no bounds',
        params: { hint: 'Write { atLeast: … }, { below: … } or both.' },
      }),
      z.refine(({ atLeast, below }) => atLeast === undefined || below === undefined || atLeast < below, {
        error: 'the range is empty, so this can never hold',
        params: { hint: '"atLeast" must be less than "below".' },
      }),
    )
    .register(z.globalRegistry, { minProperties: 1 });
}
export interface Range {
  readonly atLeast?: number | undefined;
  readonly below?: number | undefined;
}

const ages = range(duration);
const probability = z.union([range(z.number().check(z.minimum(0), z.maximum(1))), z.literal('unknown')]);

const rated = severityLevels.filter((level) => level !== 'unknown');
const severity = z.pipe(
  z.union([
    z.enum(severityLevels),
    z.array(z.enum(severityLevels)).check(z.minLength(1), z.maxLength(severityLevels.length)),
    z.strictObject({ atLeast: described(z.enum(rated), 'This level or a worse one. `unknown` is never counted in.') }),
  ]),
  z.transform((value): readonly (typeof severityLevels)[number][] => {
    if (typeof value === 'string') return [value];
    return 'atLeast' in value ? rated.slice(0, rated.indexOf(value.atLeast) + 1) : value;
  }),
);

const aboutFindings = {
  vulnerability: optional(vulnerability, 'The finding has this name (CVE, GHSA, …); any of its names counts.'),
  kind: optional(oneOrMany(z.enum(['vulnerability', 'malware', 'unmaintained'])), 'What the finding is.'),
  severity: optional(
    severity,
    'A level, a list of levels, or { atLeast: level }. A finding that nobody has rated is `unknown`, which only its name selects.',
  ),
  cvss: optional(
    z.union([range(z.number().check(z.minimum(0), z.maximum(10))), z.literal('unknown')]),
    'CVSS base score, 0 to 10, as a range; or `unknown` for a finding without one.',
  ),
  epss: optional(probability, 'EPSS: probability of exploitation within 30 days, 0 to 1, as a range; or `unknown`.'),
  epssPercentile: optional(
    probability,
    'EPSS: share of all vulnerabilities that are less likely to be exploited, 0 to 1, as a range; or `unknown`.',
  ),
  exploited: optional(
    z.boolean(),
    "Whether CISA's catalogue of known exploited vulnerabilities (KEV) has it. Without the catalogue that is unknown, and neither holds.",
  ),
  ransomware: optional(z.boolean(), 'Whether KEV says that ransomware uses it.'),
  fix: optional(
    oneOrMany(z.enum(['available', 'none', 'wont-fix', 'unknown'])),
    'Whether there is a fixed version; `wont-fix`: the distribution decided against one.',
  ),
  fixAge: optional(
    ages,
    'How long the fixed version has been out, such as { atLeast: 7d }: the grace for updating. Where the date is unknown the fix counts as old.',
  ),
  age: optional(
    ages,
    'How long ago the vulnerability was published, such as { atLeast: 30d }. Where the date is unknown it counts as old.',
  ),
};

const aboutComponents = {
  component: optional(
    purl,
    'Package URL with `*` within a part and `**` for any number of parts: pkg:npm/lodash, pkg:deb/**, pkg:cargo/time@0.1.*.',
  ),
  path: optional(
    path,
    'Where the component lies, from the root of the artifact: opt/app/**. Only places that match count.',
  ),
  scope: optional(
    oneOrMany(z.enum(['development', 'optional'])),
    'What the component is there for, where its package manager tells.',
  ),
  license: optional(
    license,
    'The component cannot be used without one of these licences: MIT OR GPL-3.0-only can do without GPL, AND cannot. `unknown`: none is stated, or not as an SPDX expression.',
  ),
};

function someCondition(error: string, hint: string) {
  return z.refine<object>((value) => Object.keys(value).length > 0, { when: isWell, error, params: { hint } });
}

const conditions = z
  .strictObject({
    ...aboutFindings,
    ...aboutComponents,
    licenseNotIn: optional(
      license,
      'The component cannot be used under these licences alone. An unknown licence is not among them unless `unknown` is listed.',
    ),
  })
  .check(
    someCondition(
      'there is no condition, so this would hold for everything',
      'Name at least one, such as severity: critical.',
    ),
  )
  .register(z.globalRegistry, {
    id: 'Conditions',
    minProperties: 1,
    description: 'Conditions that must all hold. A list means any of its entries.',
  });
export type Conditions = z.output<typeof conditions>;

const spared = z
  .strictObject({ ...aboutFindings, ...aboutComponents })
  .check(
    someCondition(
      'there is no condition, so the rule would never hold',
      'Name what the rule spares, such as scope: development.',
    ),
  )
  .register(z.globalRegistry, {
    id: 'Spared',
    minProperties: 1,
    description: 'What the rule spares: conditions that must all hold.',
  });
export type Spared = z.output<typeof spared>;

/** A rule with one of these is about findings; one without is about components. */
export const findingConditions: ReadonlySet<string> = new Set(Object.keys(aboutFindings));

const rule = z
  .strictObject({
    name: described(
      ruleName,
      'Lower-case letters, digits and hyphens. A rule with the name of an earlier one takes its place.',
    ),
    action: described(
      action,
      'What the gate answers where the rule holds. `allow` switches off an earlier rule of the same name.',
    ),
    reason: optional(text, 'Why the rule is there; stands in the verdict.'),
    when: optional(
      conditions,
      'When the rule holds. Left out, the conditions of the earlier rule of the same name stay.',
    ),
    except: optional(spared, 'What the rule spares.'),
  })
  .register(z.globalRegistry, { id: 'Rule', description: 'Something that the gate refuses or warns of.' });
export type FileRule = z.output<typeof rule>;

const rules = z.array(rule).check(z.maxLength(limits.policyRules));

function answer(kind: UnknownKind) {
  return optional(action, unknownKinds[kind]);
}
const unknown = z.strictObject({
  'unread-layer': answer('unread-layer'),
  'unread-package-database': answer('unread-package-database'),
  'unread-file': answer('unread-file'),
  'no-version': answer('no-version'),
  'no-advisories': answer('no-advisories'),
  'no-components': answer('no-components'),
  'stale-advisories': answer('stale-advisories'),
  'starter-advisories': answer('starter-advisories'),
  'no-kev': answer('no-kev'),
  'no-epss': answer('no-epss'),
  'no-trust': answer('no-trust'),
});

const section = z
  .strictObject({
    rules: optional(rules, 'Rules for this gate: added, or in place of a rule of the same name.'),
    unknown: optional(unknown, 'What this gate answers where something could not be found out.'),
    trust: optional(trustAtGate, 'Signatures and attestations that this gate requires.'),
  })
  .register(z.globalRegistry, { id: 'Gate', description: 'What differs at one gate.' });

const exception = z
  .strictObject({
    vulnerability: optional(
      vulnerability,
      'Covers findings of this name; any of their names counts. Malware and known exploited vulnerabilities are covered only by name.',
    ),
    component: optional(purl, 'Covers only components that match.'),
    path: optional(path, 'Covers only what lies there.'),
    rule: optional(texts, 'Covers only reasons of this rule. Rules about components (licences, bans) must be named.'),
    unknown: optional(oneOrMany(z.enum(unknownKindNames)), 'Covers what could not be found out, instead of findings.'),
    ecosystem: optional(texts, 'With `unknown: no-advisories`: covers only this ecosystem, such as Hex.'),
    gates: optional(oneOrMany(z.enum(gates)), 'Covers only at these gates. Left out: at every gate.'),
    reason: described(text, 'Why this is acceptable; stands in the verdict.'),
    until: described(
      z.iso.date(),
      'The last day on which it counts, in UTC: 2026-12-31. After that it is reported, and does not count.',
    ),
    ticket: optional(text, 'Where it was decided: a ticket or an address.'),
    approvedBy: optional(text, 'Who decided it.'),
  })
  .register(z.globalRegistry, {
    id: 'Exception',
    description: 'Something accepted for a time. All that it names must hold.',
  });
export type FileException = z.output<typeof exception>;

const data = z.strictObject({
  maxAge: optional(duration, 'How old the newest advisory may be before the data is stale: 7d.'),
  ubuntuPro: optional(z.boolean(), 'Whether fixes that only Ubuntu Pro (ESM) gives count as available.'),
});

export const policySchema = z
  .strictObject({
    version: described(z.literal(1), 'Version of this format.'),
    extends: optional(
      z.enum(['default', 'nothing']),
      'What the file adds to: the default line (also when left out), or nothing.',
    ),
    rules: optional(
      rules,
      'What every gate refuses or warns of. All rules that hold are reasons; the most severe action decides.',
    ),
    unknown: optional(unknown, 'What every gate answers where something could not be found out.'),
    gates: optional(
      z.strictObject({
        build: optional(section, 'On a laptop and in a build.'),
        ingress: optional(section, 'Where artifacts enter the registry.'),
        admission: optional(section, 'Where workloads enter the cluster.'),
        continuous: optional(section, 'Whenever what is running is judged again.'),
      }),
      'What differs at single gates.',
    ),
    exceptions: optional(
      z.array(exception).check(z.maxLength(limits.policyExceptions)),
      'What is accepted for a time, and why.',
    ),
    data: optional(data, 'The advisory data that verdicts rest on.'),
    trust: optional(trust, 'Who is trusted, and what they must have signed or attested.'),
  })
  .register(z.globalRegistry, {
    title: 'Plimsoll policy',
    description: 'The line that software is held against: plimsoll.yaml.',
  });
export type PolicyFile = z.output<typeof policySchema>;
