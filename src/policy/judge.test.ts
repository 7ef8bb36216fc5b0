import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Component, Finding } from '../sbom/index.ts';
import { failOnSeverity } from './fail-on.ts';
import { judge } from './judge.ts';
import { parsePolicy } from './parse.ts';
import type { Gate, UnknownKind } from './schema.ts';
import { component, defaultOnSigned, evidence, finding, only, today, verdictOf } from './testing.ts';

const rule = (when: string, except?: string) =>
  only(`  - { name: the-rule, action: deny, when: ${when}${except === undefined ? '' : `, except: ${except}`} }`);

/** Condition, then what of a finding makes it hold, and what does not. */
const findingCases: readonly [when: string, holds: readonly Partial<Finding>[], not: readonly Partial<Finding>[]][] = [
  [
    '{ severity: critical }',
    [{ severity: { level: 'critical' } }],
    [{ severity: { level: 'high' } }, { severity: { level: 'unknown' } }],
  ],
  [
    '{ severity: [low, unknown] }',
    [{ severity: { level: 'low' } }, { severity: { level: 'unknown' } }],
    [{ severity: { level: 'medium' } }],
  ],
  [
    '{ severity: { atLeast: medium } }',
    [{ severity: { level: 'medium' } }, { severity: { level: 'high' } }, { severity: { level: 'critical' } }],
    [{ severity: { level: 'low' } }, { severity: { level: 'none' } }, { severity: { level: 'unknown' } }],
  ],
  [
    '{ cvss: { atLeast: 7 } }',
    [{ severity: { level: 'high', score: 7 } }],
    [{ severity: { level: 'high', score: 6.9 } }, { severity: { level: 'high' } }],
  ],
  [
    '{ cvss: { below: 7 } }',
    [{ severity: { level: 'low', score: 0 } }],
    [{ severity: { level: 'high', score: 7 } }, { severity: { level: 'high' } }],
  ],
  ['{ cvss: unknown }', [{ severity: { level: 'high' } }], [{ severity: { level: 'high', score: 0 } }]],
  [
    '{ epss: { atLeast: 0.1 } }',
    [{ epss: { score: 0.1, percentile: 0 } }],
    [{ epss: { score: 0.09, percentile: 1 } }, {}],
  ],
  ['{ epss: unknown }', [{}], [{ epss: { score: 0, percentile: 0 } }]],
  [
    '{ epssPercentile: { atLeast: 0.95 } }',
    [{ epss: { score: 0, percentile: 0.95 } }],
    [{ epss: { score: 1, percentile: 0.9 } }, {}],
  ],
  ['{ exploited: true }', [{ exploited: { since: '2026-01-01', ransomware: false } }], [{}]],
  ['{ exploited: false }', [{}], [{ exploited: { since: '2026-01-01', ransomware: false } }]],
  [
    '{ ransomware: true }',
    [{ exploited: { since: '2026-01-01', ransomware: true } }],
    [{ exploited: { since: '2026-01-01', ransomware: false } }, {}],
  ],
  [
    '{ fix: available }',
    [{ fix: { state: 'fixed', version: '2' } }],
    [{ fix: { state: 'not-fixed' } }, { fix: { state: 'wont-fix', reason: 'x' } }, { fix: { state: 'unknown' } }],
  ],
  [
    '{ fix: none }',
    [{ fix: { state: 'not-fixed' } }],
    [
      { fix: { state: 'fixed', version: '2' } },
      { fix: { state: 'wont-fix', reason: 'x' } },
      { fix: { state: 'unknown' } },
    ],
  ],
  [
    '{ fix: [wont-fix, unknown] }',
    [{ fix: { state: 'wont-fix', reason: 'x' } }, { fix: { state: 'unknown' } }],
    [{ fix: { state: 'not-fixed' } }],
  ],
  [
    '{ fixAge: { atLeast: 7d } }',
    [
      { fix: { state: 'fixed', version: '2', since: '2026-06-08T12:00:00Z' } },
      { fix: { state: 'fixed', version: '2' } },
      { fix: { state: 'fixed', version: '2', since: 'soon' } },
    ],
    [{ fix: { state: 'fixed', version: '2', since: '2026-06-08T12:00:01Z' } }, { fix: { state: 'not-fixed' } }],
  ],
  [
    '{ fixAge: { below: 7d } }',
    [{ fix: { state: 'fixed', version: '2', since: '2026-06-09T00:00:00Z' } }],
    [{ fix: { state: 'fixed', version: '2' } }, { fix: { state: 'not-fixed' } }],
  ],
  [
    '{ age: { atLeast: 30d } }',
    [{ published: '2026-05-16T12:00:00Z' }, { published: undefined }],
    [{ published: '2026-05-17T12:00:00Z' }],
  ],
  ['{ kind: [malware, unmaintained] }', [{ kind: 'malware' }, { kind: 'unmaintained' }], [{ kind: 'vulnerability' }]],
  [
    '{ vulnerability: ghsa-AAAA-bbbb-cccc }',
    [{ names: ['CVE-2021-23337', 'GHSA-aaaa-bbbb-cccc'] }],
    [{ names: ['CVE-2021-23337'] }],
  ],
  [
    '{ severity: high, exploited: true }',
    [{ exploited: { since: '2026-01-01', ransomware: false } }],
    [{}, { severity: { level: 'low' }, exploited: { since: '2026-01-01', ransomware: false } }],
  ],
];

test('each condition about findings holds where it says so, and nowhere else', () => {
  for (const [when, holds, not] of findingCases) {
    for (const changes of holds) {
      const { outcome, reasons } = verdictOf(rule(when), evidence({ findings: [finding(changes)] }));
      assert.equal(outcome, 'deny', `${when} must hold for ${JSON.stringify(changes)}`);
      assert.deepEqual(
        reasons.map((reason) => [reason.rule, reason.finding]),
        [['the-rule', 'CVE-2021-23337']],
      );
    }
    for (const changes of not) {
      const { outcome } = verdictOf(rule(when), evidence({ findings: [finding(changes)] }));
      assert.equal(outcome, 'allow', `${when} must not hold for ${JSON.stringify(changes)}`);
    }
  }
});

const componentCases: readonly [
  when: string,
  holds: readonly Partial<Component>[],
  not: readonly Partial<Component>[],
][] = [
  ['{ component: pkg:npm/lodash }', [{}], [{ id: 'pkg:npm/lodash.merge@4' }]],
  [
    '{ component: ["pkg:npm/lodash@3.*", "pkg:npm/lodash@4.17.*"] }',
    [{}],
    [{ id: 'pkg:npm/lodash@4.18.0' }, { id: 'pkg:npm/lodash' }],
  ],
  ['{ path: app/** }', [{}], [{ locations: [{ path: 'opt/app/x' }] }, { locations: [] }]],
  ['{ scope: development }', [{ scope: 'development' }], [{ scope: 'optional' }, {}]],
  [
    '{ license: [GPL-*, AGPL-*] }',
    [{ licenses: ['AGPL-3.0-only'] }],
    [{ licenses: ['MIT OR AGPL-3.0-only'] }, { licenses: [] }],
  ],
  ['{ license: unknown }', [{ licenses: [] }, { licenses: ['see LICENSE'] }], [{}]],
  [
    '{ licenseNotIn: [MIT, Apache-2.0] }',
    [
      { licenses: ['ISC'] },
      { licenses: ['MIT AND ISC'] },
      { licenses: ['MIT', 'ISC'] },
      { licenses: [] },
      { licenses: ['custom'] },
    ],
    [{}, { licenses: ['MIT AND Apache-2.0'] }, { licenses: ['MIT OR ISC'] }],
  ],
  ['{ licenseNotIn: [MIT, unknown] }', [{ licenses: ['ISC'] }], [{ licenses: [] }, {}]],
];

test('each condition about components holds without any finding, and with one together with conditions about it', () => {
  for (const [when, holds, not] of componentCases) {
    const withFinding = rule(when.replace('{', '{ severity: high,'));
    const check = (changes: Partial<Component>, outcome: string) => {
      const one = component(changes);
      const told = `${when} and ${JSON.stringify(changes)}`;
      assert.equal(verdictOf(rule(when), evidence({ components: [one] })).outcome, outcome, told);
      const findings = [finding({ component: one.id })];
      assert.equal(verdictOf(withFinding, evidence({ components: [one], findings })).outcome, outcome, told);
      assert.equal(verdictOf(withFinding, evidence({ components: [one] })).outcome, 'allow', told);
    };
    for (const changes of holds) check(changes, 'deny');
    for (const changes of not) check(changes, 'allow');
  }
});

test('"except" spares what it names, and only that', () => {
  const outcome = (when: string, except: string, changes: Partial<Component>, ofFinding: Partial<Finding> = {}) => {
    const one = component(changes);
    return verdictOf(
      rule(when, except),
      evidence({ components: [one], findings: [finding({ component: one.id, ...ofFinding })] }),
    );
  };
  const dev = '{ scope: development, path: "**/test/**" }';
  const both = [{ path: 'app/test/a' }, { path: 'app/a' }];
  assert.equal(
    outcome('{ severity: high }', dev, { scope: 'development', locations: [{ path: 'app/test/a' }] }).outcome,
    'allow',
  );
  assert.equal(outcome('{ severity: high }', dev, { locations: [{ path: 'app/test/a' }] }).outcome, 'deny');
  const partly = outcome('{ severity: high }', dev, { scope: 'development', locations: both });
  assert.equal(partly.outcome, 'deny', 'what lies elsewhere too is not spared');
  assert.deepEqual(
    partly.reasons.map(({ where }) => where.map(({ path }) => path)),
    [['app/a']],
  );

  const grace = '{ fixAge: { below: 7d } }';
  assert.equal(
    outcome('{ severity: high }', grace, {}, { fix: { state: 'fixed', version: '2', since: '2026-06-14T00:00:00Z' } })
      .outcome,
    'allow',
  );
  assert.equal(
    outcome('{ severity: high }', grace, {}, { fix: { state: 'fixed', version: '2' } }).outcome,
    'deny',
    'an unknown date gives no grace',
  );
  assert.equal(
    outcome('{ severity: high }', '{ epss: { below: 0.01 } }', {}).outcome,
    'deny',
    'unknown EPSS is not low',
  );

  const classpath = '{ license: GPL-2.0-only WITH Classpath-exception-2.0 }';
  const licensed = (...licenses: string[]) => outcome('{ license: GPL-* }', classpath, { licenses }).outcome;
  assert.equal(licensed('GPL-2.0-only WITH Classpath-exception-2.0'), 'allow');
  assert.equal(licensed('MIT', 'GPL-2.0-only WITH Classpath-exception-2.0'), 'allow');
  assert.equal(licensed('GPL-2.0-only'), 'deny');
  assert.equal(licensed('GPL-3.0-only', 'GPL-2.0-only WITH Classpath-exception-2.0'), 'deny');
  assert.equal(outcome('{ severity: high }', '{ license: MIT }', {}).outcome, 'allow');
});

test('every rule that holds is a reason, with the place, the instruction of the layer and the fix, worst first', () => {
  const policy = only(`
  - { name: old, action: warn, when: { age: { atLeast: 1d } } }
  - { name: high, action: deny, when: { severity: high }, reason: We promised. }
  - { name: exploited, action: deny, when: { exploited: true } }
  - { name: ban, action: warn, when: { component: pkg:npm/lodash } }`);
  const exploited = { since: '2026-02-01', ransomware: true };
  const verdict = verdictOf(
    policy,
    evidence({ findings: [finding(), finding({ id: 'CVE-2020-8203', exploited, published: today.toISOString() })] }),
  );
  assert.equal(verdict.outcome, 'deny');
  assert.deepEqual(
    verdict.reasons.map(({ action, rule: name, finding: id }) => [action, name, id]),
    [
      ['deny', 'exploited', 'CVE-2020-8203'],
      ['deny', 'high', 'CVE-2020-8203'],
      ['deny', 'high', 'CVE-2021-23337'],
      ['warn', 'old', 'CVE-2021-23337'],
      ['warn', 'ban', undefined],
    ],
  );
  assert.deepEqual(verdict.reasons[0], {
    action: 'deny',
    rule: 'exploited',
    message:
      'lodash 4.17.20 has CVE-2020-8203 (high, CVSS 7.2), known to be exploited since 2026-02-01, by ransomware too; 4.17.21 fixes it.',
    fix: 'update to 4.17.21',
    component: 'pkg:npm/lodash@4.17.20',
    finding: 'CVE-2020-8203',
    where: [{ path: 'app/node_modules/lodash/package.json', layer: 1, instruction: 'RUN npm ci' }],
  });
  assert.match(verdict.reasons[1]?.message ?? '', /fixes it\. We promised\.$/);
  assert.deepEqual(verdict.counts, { critical: 0, high: 2, unknown: 0, medium: 0, low: 0, none: 0 });
  assert.deepEqual(verdict.judged, { components: 1, findings: 2, unknown: 0 });
  assert.equal(verdict.at, '2026-06-15T12:00:00.000Z');
});

test('messages say what is known and what is not', () => {
  const told = (changes: Partial<Finding>, ofComponent: Partial<Component> = {}) => {
    const one = component(ofComponent);
    return verdictOf(
      rule('{ age: { atLeast: 1d } }'),
      evidence({ components: [one], findings: [finding({ ...changes, component: one.id })] }),
    ).reasons[0]?.message;
  };
  assert.equal(
    told({ kind: 'malware', id: 'MAL-1', fix: { state: 'not-fixed' } }),
    'lodash 4.17.20 is malware (MAL-1); remove it.',
  );
  const malware = evidence({ findings: [finding({ kind: 'malware', fix: { state: 'unknown' } })] });
  assert.equal(verdictOf(rule('{ kind: malware }'), malware).reasons[0]?.fix, 'remove it');
  assert.equal(
    told({ kind: 'unmaintained', id: 'R-1', fix: { state: 'unknown' } }),
    'lodash 4.17.20 is no longer maintained (R-1); replace it.',
  );
  assert.equal(
    told({ id: 'A-1', severity: { level: 'unknown' }, fix: { state: 'unknown' } }, { version: undefined }),
    'lodash (version unknown) has A-1 (severity unknown); whether there is a fix is unknown.',
  );
  assert.equal(
    told({ id: 'A-1', fix: { state: 'wont-fix', reason: 'no DSA' } }),
    'lodash 4.17.20 has A-1 (high, CVSS 7.2); it will not be fixed (no DSA).',
  );
  assert.equal(
    told({ id: 'A-1', fix: { state: 'not-fixed' } }),
    'lodash 4.17.20 has A-1 (high, CVSS 7.2); there is no fix yet.',
  );
  const licensed = (when: string, licenses: string[]) =>
    verdictOf(rule(when), evidence({ components: [component({ licenses })] })).reasons[0]?.message;
  assert.equal(
    licensed('{ license: GPL-* }', ['GPL-3.0-only']),
    'lodash 4.17.20 is under "GPL-3.0-only"; rule the-rule does not accept that.',
  );
  assert.equal(
    licensed('{ license: unknown }', []),
    'lodash 4.17.20 states no licence, which rule the-rule does not accept.',
  );
  assert.equal(
    licensed('{ licenseNotIn: MIT }', ['my own']),
    'lodash 4.17.20 is under "my own", which is not an SPDX expression; rule the-rule does not accept that.',
  );
  assert.equal(licensed('{ component: pkg:npm/lodash }', []), 'lodash 4.17.20 is what rule the-rule names.');
});

test('the default line refuses malware, known exploited and critical with a fix, and warns of high with a fix', () => {
  const high = finding();
  const cases: readonly [Partial<Finding>, string][] = [
    [{ kind: 'malware', severity: { level: 'unknown' }, fix: { state: 'not-fixed' } }, 'deny'],
    [
      {
        severity: { level: 'low' },
        fix: { state: 'not-fixed' },
        exploited: { since: '2026-01-01', ransomware: false },
      },
      'deny',
    ],
    [{ severity: { level: 'critical' } }, 'deny'],
    [{ severity: { level: 'critical' }, fix: { state: 'not-fixed' } }, 'allow'],
    [high, 'warn'],
    [{ fix: { state: 'wont-fix', reason: 'minor' } }, 'allow'],
    [{ severity: { level: 'unknown' } }, 'warn'],
    [{ severity: { level: 'medium' } }, 'allow'],
    [{ kind: 'unmaintained', severity: { level: 'unknown' }, fix: { state: 'unknown' } }, 'allow'],
  ];
  for (const [changes, outcome] of cases) {
    for (const gate of ['build', 'ingress', 'admission', 'continuous'] as const) {
      assert.equal(
        verdictOf(defaultOnSigned, evidence({ findings: [finding(changes)] }), { gate }).outcome,
        outcome,
        JSON.stringify(changes),
      );
    }
  }
});

test('what could not be found out is answered as the default line says, at each gate', () => {
  const old = { newest: '2026-06-08T11:59:59Z' };
  const cases: readonly [UnknownKind, Parameters<typeof evidence>[0], Partial<Record<Gate, string>>][] = [
    [
      'unread-layer',
      { unknown: [{ kind: 'unread-layer', layer: 0, reason: 'a foreign layer' }] },
      { build: 'deny', admission: 'deny' },
    ],
    [
      'unread-file',
      { unknown: [{ kind: 'unread-file', path: 'a/package-lock.json', cataloger: 'npm-lock', reason: 'x' }] },
      { build: 'warn', ingress: 'warn' },
    ],
    [
      'unread-package-database',
      { unknown: [{ kind: 'unread-file', path: 'var/lib/dpkg/status', layer: 0, cataloger: 'dpkg', reason: 'x' }] },
      { build: 'deny', ingress: 'deny' },
    ],
    [
      'no-version',
      { unknown: [{ kind: 'no-version', component: 'pkg:golang/a', reason: 'x' }] },
      { build: 'warn', ingress: 'warn' },
    ],
    [
      'no-advisories',
      { unknown: [{ kind: 'no-advisories', ecosystem: 'Hex', components: 2, reason: 'x' }] },
      { build: 'warn', ingress: 'deny', admission: 'deny', continuous: 'deny' },
    ],
    ['no-components', { components: [] }, { build: 'warn', ingress: 'warn' }],
    [
      'stale-advisories',
      { advisories: old },
      { build: 'warn', ingress: 'deny', admission: 'warn', continuous: 'warn' },
    ],
    [
      'starter-advisories',
      { advisories: { ...old, starter: true } },
      { build: 'warn', ingress: 'deny', admission: 'deny', continuous: 'deny' },
    ],
    [
      'no-kev',
      { advisories: { lacks: ['kev', 'epss'] } },
      { build: 'warn', ingress: 'deny', admission: 'warn', continuous: 'warn' },
    ],
  ];
  for (const [kind, what, outcomes] of cases) {
    for (const gate of ['build', 'ingress', 'admission', 'continuous'] as const) {
      const { outcome, reasons, judged } = verdictOf(defaultOnSigned, evidence(what), { gate });
      if (outcomes[gate] !== undefined) assert.equal(outcome, outcomes[gate], `${kind} at ${gate}`);
      assert.deepEqual(
        reasons.map((reason) => [reason.rule, reason.unknown]),
        [[`unknown.${kind}`, kind]],
      );
      assert.equal(judged.unknown, 1);
    }
  }
});

test('without KEV nobody knows what is exploited: no rule over it holds or spares, and that is told', () => {
  const exploited = { since: '2026-01-01', ransomware: true };
  const judged = (policy: string, what: Partial<Finding>, lacks: readonly ('kev' | 'epss')[]) =>
    verdictOf(only(policy, '  no-kev: allow\n'), evidence({ findings: [finding(what)], advisories: { lacks } }))
      .outcome;
  const rules: readonly (readonly [rule: string, known: 'deny' | 'allow', unknown: 'deny' | 'allow'])[] = [
    ['when: { exploited: false }', 'deny', 'allow'],
    ['when: { ransomware: false }', 'deny', 'allow'],
    ['when: { exploited: true }', 'allow', 'allow'],
    ['when: { severity: high }, except: { exploited: false }', 'allow', 'deny'],
    ['when: { severity: high }, except: { ransomware: false }', 'allow', 'deny'],
  ];
  for (const [said, known, unknown] of rules) {
    const policy = `  - { name: the-rule, action: deny, ${said} }`;
    assert.equal(judged(policy, {}, []), known, said);
    assert.equal(judged(policy, {}, ['epss']), known, said);
    assert.equal(judged(policy, {}, ['kev']), unknown, said);
  }
  assert.equal(judged('  - { name: r, action: deny, when: { ransomware: true } }', { exploited }, ['kev']), 'deny');
});

test('what the data lacks is a doubt where a rule asks for it, and only there', () => {
  const doubts = (when: string, rest = '') => {
    const policy = `version: 1\nextends: nothing\nrules:\n  - { name: asking, action: warn, when: ${when} }\n${rest}`;
    const { reasons } = verdictOf(policy, evidence({ advisories: { lacks: ['kev', 'epss'] } }));
    return reasons.map(({ action, unknown, message }) => [action, unknown, message.includes('asking')]);
  };
  assert.deepEqual(doubts('{ exploited: true }'), [['deny', 'no-kev', true]]);
  assert.deepEqual(doubts('{ ransomware: false }', 'unknown: { no-kev: warn }'), [['warn', 'no-kev', true]]);
  assert.deepEqual(doubts('{ exploited: true }', 'unknown: { no-kev: allow }'), []);
  assert.deepEqual(doubts('{ epss: { atLeast: 0.1 } }'), [['deny', 'no-epss', true]]);
  assert.deepEqual(doubts('{ epssPercentile: { atLeast: 0.1 } }'), [['deny', 'no-epss', true]]);
  assert.deepEqual(doubts('{ epss: unknown }'), []);
  assert.deepEqual(doubts('{ severity: high }'), []);
  const accepted = `exceptions: [{ unknown: no-kev, reason: The mirror is inside., until: 2026-12-31 }]\n`;
  assert.deepEqual(doubts('{ exploited: true }', accepted), []);
});

test('package databases are told apart from other files by where they lie, or by who reports that there is none', () => {
  const kindOf = (path: string, cataloger = 'c') =>
    verdictOf(defaultOnSigned, evidence({ unknown: [{ kind: 'unread-file', path, cataloger, reason: 'x' }] }))
      .reasons[0]?.unknown;
  for (const path of [
    'var/lib/dpkg/status',
    'var/lib/dpkg/status.d/base',
    'lib/apk/db/installed',
    'usr/lib/apk/db/installed',
    'var/lib/rpm/Packages',
    'usr/lib/sysimage/rpm/rpmdb.sqlite',
  ]) {
    assert.equal(kindOf(path), 'unread-package-database', path);
  }
  assert.equal(kindOf('etc/os-release', 'os-release'), 'unread-package-database');
  for (const path of [
    'var/lib/dpkg/info/a.list',
    'var/lib/dpkg/status.d/base.md5sums',
    'app/var/lib/dpkg/status',
    'var/lib/rpm',
    'usr/share/doc/a/copyright',
  ]) {
    assert.equal(kindOf(path), 'unread-file', path);
  }
});

test('the age of the advisories is that of the newest one, never more than that of the database', () => {
  const reasons = (advisories: Parameters<typeof evidence>[0] & object) =>
    verdictOf(defaultOnSigned, evidence(advisories)).reasons.map(({ message }) => message);
  assert.deepEqual(reasons({ advisories: { newest: '2026-06-08T12:00:00Z' } }), [], 'seven days are accepted');
  assert.deepEqual(reasons({ advisories: { newest: '2026-06-01T00:00:00Z' } }), [
    'The newest advisory is 14 days old; the policy accepts 7 days.',
  ]);
  assert.deepEqual(reasons({ advisories: { newest: '2099-01-01T00:00:00Z', built: '2026-06-01T00:00:00Z' } }), [
    'The newest advisory is 14 days old; the policy accepts 7 days.',
  ]);
  assert.deepEqual(reasons({ advisories: { newest: '2099-01-01T00:00:00Z', built: '2099-01-01T00:00:00Z' } }), [
    'The advisory data is dated in the future, so its age is unknown.',
  ]);
  assert.deepEqual(reasons({ advisories: { newest: '' } }), [
    'The age of the advisory data is unknown; the policy accepts 7 days.',
  ]);
});

test('an artifact without components is not allowed without a word', () => {
  const verdict = verdictOf(defaultOnSigned, evidence({ components: [] }));
  assert.equal(verdict.outcome, 'warn');
  assert.deepEqual(
    verdict.reasons.map(({ message, where }) => [message, where]),
    [['Nothing to judge: no component was found in web:1.', []]],
  );
});

test('a finding whose component is not listed is judged all the same', () => {
  const verdict = verdictOf(
    rule('{ severity: high }'),
    evidence({ components: [component({ id: 'pkg:npm/other@1' })], findings: [finding()] }),
  );
  assert.equal(verdict.outcome, 'deny');
  assert.match(verdict.reasons[0]?.message ?? '', /^lodash 4\.17\.20 has/);
});

test('the digest follows what the policy says at the gate, not how it is written', () => {
  const digest = (text: string, gate: Gate = 'build') =>
    judge(evidence(), parsePolicy(text, 'p'), gate, today).policy.digest;
  const plain = digest(rule('{ severity: high, exploited: true }'));
  assert.match(plain, /^sha256:[0-9a-f]{64}$/);
  assert.equal(digest(`# note\n${rule('{ exploited: true, severity: [high] }')}`), plain);
  assert.notEqual(digest(rule('{ severity: low, exploited: true }')), plain);
  const elsewhere = `${rule('{ severity: high, exploited: true }')}gates: { ingress: { unknown: { no-version: deny } } }\n`;
  assert.equal(digest(elsewhere), plain);
  assert.notEqual(digest(elsewhere, 'ingress'), plain);
  const exception = (text: string) => `${rule('{ severity: high, exploited: true }')}exceptions:\n${text}`;
  const one = '  - { vulnerability: CVE-2021-1, reason: a, until: 2026-12-31 }';
  assert.notEqual(digest(exception(one)), plain);
  assert.equal(digest(exception(one)), digest(exception(`\n\n${one}`)), 'the line it stands on does not count');
  assert.notEqual(digest(exception(one)), digest(exception(one.replace('12-31', '12-30'))));
});

test('--fail-on refuses its level and worse, and what may hide it', () => {
  const outcome = (level: Parameters<typeof failOnSeverity>[0], changes: Partial<Finding>) =>
    judge(evidence({ findings: [finding(changes)] }), failOnSeverity(level), 'build', today).outcome;
  assert.equal(outcome('high', { severity: { level: 'critical' } }), 'deny');
  assert.equal(outcome('high', { severity: { level: 'high' } }), 'deny');
  assert.equal(outcome('high', { severity: { level: 'medium' } }), 'allow');
  assert.equal(outcome('high', { severity: { level: 'unknown' } }), 'warn');
  assert.equal(outcome('medium', { severity: { level: 'unknown' } }), 'deny');
  assert.equal(outcome('critical', { severity: { level: 'high' } }), 'allow');
  assert.equal(outcome('none', { severity: { level: 'none' } }), 'deny');
  assert.equal(outcome('critical', { kind: 'malware', severity: { level: 'unknown' } }), 'deny');
  const unread = evidence({ unknown: [{ kind: 'unread-layer', layer: 0, reason: 'x' }] });
  assert.equal(judge(unread, failOnSeverity('high'), 'build', today).outcome, 'deny');
});
