import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { defaultPolicyText, newPolicyText } from './default-policy.ts';
import { checkPolicy, defaultPolicy, parsePolicy } from './parse.ts';

const denyCritical = '  - { name: a, action: deny, when: { severity: critical } }';
const inRule = (when: string) => `version: 1\nrules:\n  - name: a\n    action: deny\n    when: ${when}`;
const inException = (fields: string) =>
  `version: 1\nexceptions:\n  - { reason: because, until: 2026-12-31, ${fields} }`;

/** Text, then `line:column path: message. Hint` of every problem. */
const mistakes: readonly [text: string, problems: readonly string[]][] = [
  // YAML itself
  ['', ['1:1 : the file is empty. Begin with "version: 1".']],
  [
    '- a',
    [
      '1:1 : the policy is a list; a mapping is expected. Write a mapping: { key: value }. Its keys are version, extends, rules, unknown, gates, exceptions, data, trust.',
    ],
  ],
  [
    'version: 1\ntrust: { signers: [a] }',
    ['2:19 trust.signers: "signers" is a list; a mapping is expected. Write a mapping: { key: value }.'],
  ],
  [
    'version: 1\nexceptions:\n  - { vulnerability: CVE-2021-44228, reason: 7, until: 2026-12-31 }',
    ['3:46 exceptions[0].reason: "reason" is 7; a text is expected. Put it in quotes: "7".'],
  ],
  [
    '\tversion: 1',
    ['1:1 : not valid YAML: Tabs are not allowed as indentation. Indent with blanks: YAML does not allow tabs there.'],
  ],
  [
    'version: 1\nversion: 1',
    ['2:1 version: the key "version" stands twice. Keep one of them: YAML would ignore the other.'],
  ],
  ['version: 1\n? [a]\n: b', ['2:3 : a key is not a text. Keys are single words, such as "rules".']],
  [
    'version: *one',
    ['1:10 version: there is no anchor "one" above. Define it with &one, or quote a text that begins with "*".'],
  ],
  [
    'version: !env ONE',
    ['1:10 : not valid YAML: Unresolved tag: !env. Quote a text that begins with *, &, >, |, %, @, ` or !.'],
  ],
  [
    'version: 1\n---\nversion: 1\nrules: []',
    ['2:1 : a second document begins here. A policy is one document: leave out the line "---".'],
  ],
  // Shape
  [`rules:\n${denyCritical}`, ['1:1 version: "version" is missing. Add "version": 1.']],
  ['version: 2', ['1:10 version: 2 is not a value of "version". Write 1.']],
  ['version: "1"', ['1:10 version: "1" is not a value of "version". Write 1 without quotes.']],
  [
    'version: 1\ndata: { maxAge: 3 }',
    [
      '2:17 data.maxAge: "maxAge" is 3; a text is expected. Write a whole number and h, d or w (hours, days, weeks): 7d.',
    ],
  ],
  ['version: 1\nrulez: []', ['2:1 rulez: "rulez" is not a key of a policy. Did you mean "rules"?']],
  ['version: 1\nextends: defualt', ['2:10 extends: "defualt" is not a value of "extends". Did you mean "default"?']],
  ['version: 1\nrules:', ['2:7 rules: "rules" is empty; a list is expected. Write a list: [first, second].']],
  [
    'version: 1\nrules:\n  - 4',
    [
      '3:5 rules[0]: an entry of "rules" is 4; a mapping is expected. Write a mapping: { key: value }. Its keys are name, action, reason, when, except.',
    ],
  ],
  [
    'version: 1\nrules:\n  - action: deny\n    when: { exploited: true }',
    ['3:5 rules[0].name: "name" is missing. Add "name".'],
  ],
  [
    'version: 1\nrules:\n  - { name: Bad Name, action: deny, when: { exploited: true } }',
    [
      '3:13 rules[0].name: "Bad Name" is not a value of "name". Use lower-case letters, digits and hyphens: critical-with-fix.',
    ],
  ],
  [
    'version: 1\nrules:\n  - { name: malware, action: block }',
    ['3:30 rules[0].action: "block" is not a value of "action". Write deny, warn or allow.'],
  ],
  [
    'version: 1\nunknown: { unread-flie: warn }',
    ['2:12 unknown.unread-flie: "unread-flie" is not a key of "unknown". Did you mean "unread-file"?'],
  ],
  ['version: 1\ngates: { biuld: {} }', ['2:10 gates.biuld: "biuld" is not a key of "gates". Did you mean "build"?']],
  [
    'version: 1\ngates: { build: { rulse: [] } }',
    ['2:19 gates.build.rulse: "rulse" is not a key of "gates.build". Did you mean "rules"?'],
  ],
  [
    'version: 1\ndata: { maxAge: week }',
    [
      '2:17 data.maxAge: "week" is not a value of "maxAge". Write a whole number and h, d or w (hours, days, weeks): 7d.',
    ],
  ],
  // Conditions
  [
    inRule('{}'),
    [
      '5:11 rules[0].when: there is no condition, so this would hold for everything. Name at least one, such as severity: critical.',
    ],
  ],
  [
    inRule('{ severty: high }'),
    ['5:13 rules[0].when.severty: "severty" is not a key of "rules[0].when". Did you mean "severity"?'],
  ],
  [inRule('{ __proto__: high }'), ['5:13 rules[0].when.__proto__: the key "__proto__" is refused. Use another.']],
  [
    inRule('{ severity: hihg }'),
    ['5:23 rules[0].when.severity: "hihg" is not a value of "severity". Did you mean "high"?'],
  ],
  [
    inRule('{ severity: [high, sever] }'),
    [
      '5:30 rules[0].when.severity[1]: "sever" is not a value of "severity". Write critical, high, unknown, medium, low or none.',
    ],
  ],
  [
    inRule('{ severity: { atleast: high } }'),
    [
      '5:23 rules[0].when.severity.atLeast: "atLeast" is missing. Add "atLeast": critical, high, medium, low or none.',
      '5:25 rules[0].when.severity.atleast: "atleast" is not a key of "rules[0].when.severity". Did you mean "atLeast"?',
    ],
  ],
  [
    inRule('{ severity: { atLeast: unknown } }'),
    [
      '5:34 rules[0].when.severity.atLeast: "unknown" is not a value of "atLeast". Write critical, high, medium, low or none.',
    ],
  ],
  [inRule('{ severity: [] }'), ['5:23 rules[0].when.severity: "severity" is empty. Give it a value, or remove it.']],
  [inRule('{ cvss: 9 }'), ['5:19 rules[0].when.cvss: 9 is not a range of "cvss". Write { atLeast: 9 }.']],
  [inRule('{ cvss: "< 4" }'), ['5:19 rules[0].when.cvss: "< 4" is not a range of "cvss". Write { below: 4 }.']],
  [
    inRule('{ cvss: unknwon }'),
    ['5:19 rules[0].when.cvss: "unknwon" is not a value of "cvss". Did you mean "unknown"?'],
  ],
  [
    inRule('{ cvss: { atLeast: 11 } }'),
    ['5:30 rules[0].when.cvss.atLeast: 11 is not a value of "atLeast". It is at most 10.'],
  ],
  [
    inRule('{ cvss: { atLeast: 9, below: 7 } }'),
    ['5:19 rules[0].when.cvss: the range is empty, so this can never hold. "atLeast" must be less than "below".'],
  ],
  [
    inRule('{ epss: {} }'),
    ['5:19 rules[0].when.epss: the range has no bounds. Write { atLeast: … }, { below: … } or both.'],
  ],
  [
    inRule('{ epss: { atLeast: 10 } }'),
    ['5:30 rules[0].when.epss.atLeast: 10 is not a value of "atLeast". It is at most 1.'],
  ],
  [inRule('{ fixAge: 7d }'), ['5:21 rules[0].when.fixAge: "7d" is not a range of "fixAge". Write { atLeast: 7d }.']],
  [
    inRule('{ fixAge: { atLeast: 7 days } }'),
    [
      '5:32 rules[0].when.fixAge.atLeast: "7 days" is not a value of "atLeast". Write a whole number and h, d or w (hours, days, weeks): 7d.',
    ],
  ],
  [
    inRule('{ exploited: yes }'),
    ['5:24 rules[0].when.exploited: "exploited" is "yes"; true or false is expected. Write true or false.'],
  ],
  [
    inRule('{ component: lodash }'),
    [
      '5:24 rules[0].when.component: "lodash" is not a package URL. Write pkg:TYPE/NAME, for example pkg:npm/lodash or pkg:deb/**.',
    ],
  ],
  [
    inRule('{ path: [a, b/] }'),
    ['5:23 rules[0].when.path[1]: "b/" ends in nothing. Write "b/**" for everything below it.'],
  ],
  [inRule('{ license: MTI }'), ['5:22 rules[0].when.license: "MTI" is not an SPDX licence. Did you mean "MIT"?']],
  [
    inRule('{ vulnerability: CVE-* }'),
    [
      '5:28 rules[0].when.vulnerability: "CVE-*" is not a value of "vulnerability". Write one whole name without wildcards: CVE-2021-44228, GHSA-jfh8-c2jp-5v3q.',
    ],
  ],
  // Sense
  [
    inRule('{ fix: none, fixAge: { atLeast: 7d } }'),
    [
      '5:24 rules[0].when.fixAge: this never holds: without a fix there is no age of a fix. Leave "fix" out, or write fix: available.',
    ],
  ],
  [
    inRule('{ exploited: false, ransomware: true }'),
    [
      '5:31 rules[0].when.ransomware: this never holds: what ransomware uses is known to be exploited. Leave "exploited" out.',
    ],
  ],
  [
    inRule('{ severity: low, component: pkg:npm/a }\n    except: { component: [pkg:npm/a] }'),
    [
      '6:5 rules[0].except: the rule never holds: it spares all that "when" names. Narrow "except", or leave the rule out.',
    ],
  ],
  [
    inRule('{ component: pkg:npm/a }\n    except: { severity: low }'),
    [
      '6:15 rules[0].except.severity: "severity" is about findings, but the rule is about components. Add a condition about findings to "when", or leave this out.',
    ],
  ],
  [
    inRule('{ license: GPL-2.0 }'),
    [
      '5:13 warning rules[0].when.license: SPDX has deprecated the licence identifier "GPL-2.0". Write "GPL-2.0-only".',
    ].map((line) => line.replace('5:13', '5:22')),
  ],
  [
    inRule('{ component: pkg:nmp/a }'),
    [
      '5:24 warning rules[0].when.component: "nmp" in "pkg:nmp/a" is no known package type, so it may never match. Did you mean "npm"?',
    ],
  ],
  [
    `version: 1\nrules:\n${denyCritical}\n${denyCritical}`,
    ['4:13 rules[1].name: there are two rules "a" here. Give each its own name: the verdict names the rule.'],
  ],
  [
    'version: 1\nrules:\n  - { name: a, action: deny }',
    [
      '3:13 rules[0].name: the rule "a" has no "when", and there is no earlier rule of that name to take it from. Say when it holds, such as when: { severity: critical }, or correct the name.',
    ],
  ],
  [
    'version: 1\nrules:\n  - { name: malware, action: warn, except: { path: a } }',
    [
      '3:36 rules[0].except: the rule "malware" has an "except" but no "when". Repeat the "when" of the earlier rule: conditions are replaced as a whole.',
    ],
  ],
  [
    'version: 1\nrules:\n  - { name: a, action: allow }',
    [
      '3:24 rules[0].action: there is no earlier rule "a" that "action: allow" could switch off. A rule cannot overrule others: what no rule refuses is allowed. Use "except" in the rule that refuses, or an exception.',
    ],
  ],
  [
    'version: 1\nrules:\n  - { name: malware, action: allow, when: { kind: malware } }',
    [
      '3:37 rules[0].when: "action: allow" switches the rule "malware" off altogether, so conditions mean nothing. To spare some of what a rule refuses, give that rule an "except", or write an exception.',
    ],
  ],
  [
    'version: 1\nextends: nothing',
    [
      '1:1 rules: no rule is left at build, ingress, admission, continuous, where everything would be allowed. Add a rule, or leave "extends: nothing" out to keep the default line.',
    ],
  ],
  [
    `version: 1\nextends: nothing\ngates:\n  build:\n    rules:\n    ${denyCritical}`,
    [
      '1:1 rules: no rule is left at ingress, admission, continuous, where everything would be allowed. Add a rule, or leave "extends: nothing" out to keep the default line.',
    ],
  ],
  // Exceptions
  [
    'version: 1\nexceptions:\n  - vulnerability: CVE-2021-44228',
    [
      '3:5 exceptions[0].reason: "reason" is missing. Add "reason".',
      '3:5 exceptions[0].until: "until" is missing. Add "until".',
    ],
  ],
  [
    'version: 1\nexceptions:\n  - { vulnerability: CVE-2021-44228, reason: " ", until: 2026-02-30 }',
    [
      '3:46 exceptions[0].reason: "reason" is empty. Give it a value, or remove it.',
      '3:58 exceptions[0].until: "2026-02-30" is not a value of "until". Write a day that exists as YYYY-MM-DD: 2026-12-31.',
    ],
  ],
  [
    'version: 1\nexceptions:\n  - { gates: build, reason: because, until: 2026-12-31 }',
    [
      '3:5 exceptions[0]: the exception does not say what it covers. Name a vulnerability, component, path, rule or unknown.',
    ],
  ],
  [inException('rule: malwar'), ['3:49 exceptions[0].rule: there is no rule "malwar". Did you mean "malware"?']],
  [
    inException('ecosystem: Hex, component: pkg:hex/**'),
    [
      '3:43 exceptions[0].ecosystem: "ecosystem" goes with unknown: no-advisories only. Use "component", such as pkg:npm/**.',
    ],
  ],
  [
    inException('unknown: unread-file, vulnerability: CVE-2021-1'),
    [
      '3:65 exceptions[0].vulnerability: what is unknown has no vulnerability, so this covers nothing. Write two exceptions: one for findings, one for what is unknown.',
    ],
  ],
  [
    inException('unknown: unread-file, rule: malware'),
    [
      '3:65 exceptions[0].rule: what is unknown is judged by no rule, so this covers nothing. Write two exceptions: one for findings, one for what is unknown.',
    ],
  ],
  [
    inException('unknown: unread-layer, path: a'),
    ['3:66 exceptions[0].path: "unread-layer" has no path, so this covers nothing. Leave "path" out.'],
  ],
  [
    inException('unknown: unread-file, component: pkg:npm/a'),
    ['3:65 exceptions[0].component: "unread-file" has no component, so this covers nothing. Leave "component" out.'],
  ],
  [
    `${inException('rule: ban, vulnerability: CVE-2021-1')}\nrules: [{ name: ban, action: deny, when: { component: pkg:npm/a } }]`,
    [
      '3:54 exceptions[0].vulnerability: the rule "ban" is about components, so a vulnerability never counts. Leave "vulnerability" out.',
    ],
  ],
];

test('every mistake is told with its line, its column and what to write', () => {
  for (const [text, expected] of mistakes) {
    const told = checkPolicy(text).map(({ level, line, column, path, message, hint }) => {
      return `${line}:${column} ${level === 'warning' ? 'warning ' : ''}${path}: ${message}. ${hint}`;
    });
    assert.deepEqual(told, expected, text);
  }
});

test('a policy with a mistake is refused, with the first ones in its details; one with warnings is not', () => {
  const text = `version: 1\nrules:\n${'  - { name: A, action: deny }\n'.repeat(7)}`;
  assert.throws(
    () => parsePolicy(text, 'ci/plimsoll.yaml'),
    (thrown) => {
      assert.ok(thrown instanceof PlimsollError);
      assert.equal(thrown.code, 'policy/invalid');
      assert.equal(thrown.kind, 'input');
      assert.equal(thrown.message, 'The policy has 7 problems');
      const lines = thrown.details;
      assert.match(lines[0] ?? '', /^ci\/plimsoll\.yaml:3:13: "A" is not a value of "name"\. Use lower-case/);
      assert.equal(lines.at(-1), 'and 2 more');
      assert.match(thrown.hint, /plimsoll policy check ci\/plimsoll\.yaml/);
      return true;
    },
  );
  assert.equal(parsePolicy(inRule('{ license: GPL-2.0 }'), 'p').lines.build.rules.length, 6);
});

test('good policies have no problems', () => {
  for (const text of [
    defaultPolicyText,
    newPolicyText,
    newPolicyText.replace(/^# (?=rules|trust|exceptions| {2,})/gm, ''),
    'version: 1',
    '{ "version": 1, "extends": "default" }',
    inRule('{ severity: { atLeast: high }, cvss: { atLeast: 7.5 }, epss: unknown, fixAge: { below: 2w } }'),
    inRule('&critical { severity: critical }\n  - { name: b, action: warn, when: *critical }'),
    inException('unknown: [no-version], component: pkg:npm/a'),
    inException('unknown: [no-advisories], ecosystem: Hex'),
  ]) {
    assert.deepEqual(checkPolicy(text), [], text);
  }
});

test('a file adds to the default line, rule by rule, and each gate to the file', () => {
  const policy = parsePolicy(
    `version: 1
rules:
  - { name: high-with-fix, action: deny }
  - { name: unrated-with-fix, action: allow }
  - { name: no-agpl, action: warn, when: { license: AGPL-* } }
unknown: { unread-file: deny, starter-advisories: allow }
gates:
  admission:
    rules:
      - { name: no-agpl, action: deny, reason: Never in production. }
      - { name: critical-with-fix, action: deny, when: { severity: critical } }
    unknown: { unread-file: warn }
data: { maxAge: 2d }
`,
    'p',
  );
  const actions = (gate: 'build' | 'admission') =>
    policy.lines[gate].rules.map(({ name, action }) => `${name} ${action}`);
  const names = ['malware deny', 'known-exploited deny', 'critical-with-fix deny', 'high-with-fix deny'];
  assert.deepEqual(actions('build'), [...names, 'no-agpl warn']);
  assert.deepEqual(actions('admission'), [...names, 'no-agpl deny']);
  const [build, admission] = [policy.lines.build, policy.lines.admission];
  const rule = (line: typeof build, name: string) => line.rules.find((one) => one.name === name);
  assert.deepEqual(rule(admission, 'no-agpl')?.when, rule(build, 'no-agpl')?.when);
  assert.equal(rule(admission, 'no-agpl')?.reason, 'Never in production.');
  assert.deepEqual(rule(build, 'high-with-fix')?.when, rule(defaultPolicy().lines.build, 'high-with-fix')?.when);
  assert.deepEqual(rule(admission, 'critical-with-fix')?.when, { severity: ['critical'] });
  assert.equal(build.unknown['unread-file'], 'deny');
  assert.equal(admission.unknown['unread-file'], 'warn');
  assert.equal(admission.unknown['starter-advisories'], 'allow', 'the file comes after the default and its gates');
  assert.equal(admission.unknown['no-advisories'], 'deny', 'what the file does not say stays');
  assert.deepEqual(policy.data, { maxAge: 2 * 86_400_000, ubuntuPro: false });
});

test('a file that extends nothing holds its own rules only, and refuses every unknown that it does not mention', () => {
  const { lines, data } = parsePolicy(
    `version: 1\nextends: nothing\nunknown: { no-version: warn }\nrules:\n${denyCritical}`,
    'p',
  );
  assert.deepEqual(
    lines.ingress.rules.map(({ name }) => name),
    ['a'],
  );
  const { 'no-version': noVersion, ...others } = lines.ingress.unknown;
  assert.equal(noVersion, 'warn');
  assert.deepEqual([...new Set(Object.values(others))], ['deny']);
  assert.equal(Object.keys(others).length, 10);
  assert.equal(data.maxAge, 7 * 86_400_000);
});

test('an exception knows the line it stands on', () => {
  const { exceptions } = parsePolicy(inException('component: pkg:npm/a'), 'some/where/plimsoll.yaml');
  assert.deepEqual(
    exceptions.map(({ source }) => source),
    ['plimsoll.yaml:3'],
  );
});

const bombs: readonly [name: string, text: string, message: RegExp][] = [
  ['too large', `#${'x'.repeat(limits.policyBytes)}`, /larger than 1048576 bytes/],
  [
    'aliases that multiply',
    `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i},*a${i}]`).join('\n')}`,
    /nested deeper|more than 200000 values/,
  ],
  ['a wide alias', `a: &a [${'x,'.repeat(1_000)}]\nb: [${'*a,'.repeat(1_000)}]`, /more than 200000 values/],
  ['an alias of itself', 'version: &a [*a, *a]', /nested deeper than 32 levels/],
  ['deep lists', '['.repeat(50_000), /^it is nested too deeply/],
  ['deep entries', '- '.repeat(50_000), /./],
  ['deep keys', '? '.repeat(50_000), /./],
  ['very many keys', Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join('\n'), /"version" is missing/],
  ['very many rules', `version: 1\nrules: [${'{ name: a, action: deny },'.repeat(2_000)}]`, /"rules" is too long/],
];

test('a hostile file is refused in no time', () => {
  for (const [name, text, message] of bombs) {
    const started = performance.now();
    const problems = checkPolicy(text);
    assert.ok(problems.length > 0 && problems.length <= 100, name);
    assert.match(problems[0]?.message ?? '', message, name);
    assert.ok(performance.now() - started < 2_000, name);
  }
});

test('whatever the text, the answer is a policy or a PlimsollError', () => {
  const pieces = fc.constantFrom(
    ...'version: 1|\n|rules:|  - name: a|\n    action: deny|\n    when: { severity: high }|exceptions:|[|]|{|}|: |- |&a |*a|!!set |"|\'|? |<<: |__proto__: |constructor: |null|.inf|.nan|0x1f|1e999|until: 2026-12-31|\t|#|---\n|%YAML 1.1\n|\u0000|\ud800'.split(
      '|',
    ),
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const problem of checkPolicy(text)) assert.ok(problem.line >= 1 && problem.column >= 1);
      try {
        parsePolicy(text, 'p');
      } catch (thrown) {
        if (!(thrown instanceof PlimsollError)) throw thrown;
      }
    }),
    { numRuns: 500 },
  );
});
