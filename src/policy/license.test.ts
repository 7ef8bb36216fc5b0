import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { licenseMatches, readLicensePattern, readLicenses, successorOf, unavoidable } from './license.ts';

function isUnavoidable(pattern: string, declared: readonly string[]): boolean {
  const answer = readLicensePattern(pattern);
  assert.ok(answer.ok, pattern);
  return unavoidable(readLicenses(declared), (leaf) => licenseMatches(answer.value, leaf));
}

const cases: readonly [
  pattern: string,
  caught: readonly (readonly string[])[],
  free: readonly (readonly string[])[],
][] = [
  [
    'GPL-3.0-only',
    [
      ['GPL-3.0-only'],
      ['GPL-3.0'],
      ['gpl-3.0-ONLY'],
      ['MIT AND GPL-3.0-only'],
      ['MIT', 'GPL-3.0-only'],
      ['(MIT OR ISC) AND GPL-3.0-only'],
      ['GPL-3.0-only WITH GCC-exception-3.1'],
    ],
    [
      ['MIT OR GPL-3.0-only'],
      ['GPL-3.0-or-later'],
      ['LGPL-3.0-only'],
      ['MIT'],
      [],
      ['some text'],
      ['MIT OR (ISC AND GPL-3.0-only)'],
    ],
  ],
  [
    'GPL-*',
    [['GPL-2.0+'], ['GPL-2.0-only OR GPL-3.0-only'], ['GPL-2.0-only or GPL-3.0-only']],
    [['LGPL-2.1-only'], ['AGPL-3.0-only']],
  ],
  ['GPL-2.0-or-later', [['GPL-2.0+']], [['GPL-2.0']]],
  [
    'GPL-2.0-only WITH Classpath-exception-2.0',
    [['GPL-2.0-only WITH Classpath-exception-2.0']],
    [['GPL-2.0-only'], ['GPL-2.0-only WITH GCC-exception-2.0']],
  ],
  ['Apache-1.1', [['Apache-1.1'], ['Apache-1.1+']], [['Apache-2.0']]],
  ['Apache-1.1+', [['Apache-1.1+']], [['Apache-1.1']]],
  ['LicenseRef-ours', [['LicenseRef-ours']], [['LicenseRef-theirs']]],
  ['LicenseRef-*', [['LicenseRef-ours']], [['MIT']]],
  [
    'unknown',
    [[], ['see LICENSE'], ['NOASSERTION'], ['NONE'], ['MIT', 'custom'], ['MIT OR custom words']],
    [['MIT'], ['LicenseRef-x']],
  ],
];

test('a licence is caught where the component cannot be used without it', () => {
  for (const [pattern, caught, free] of cases) {
    for (const declared of caught) assert.ok(isUnavoidable(pattern, declared), `${pattern} must catch ${declared}`);
    for (const declared of free) assert.ok(!isUnavoidable(pattern, declared), `${pattern} must not catch ${declared}`);
  }
});

test('what is not an SPDX licence is refused with what to write', () => {
  for (const [pattern, hint] of [
    ['MTI', 'Did you mean "MIT"?'],
    ['GPL', 'Write "GPL-*" for all licences of that name, or name one of them.'],
    ['Apache 2.0', 'Did you mean "Apache-2.0"?'],
    ['GPL-9*', 'Use an identifier of spdx.org/licenses, a pattern such as GPL-*, LicenseRef-NAME, or unknown.'],
    [
      'MIT OR ISC',
      'Name one licence per entry; a list means any of them. Expressions of packages are understood as they are.',
    ],
    ['GPL-2.0-only WITH Nothing', 'Use an identifier of spdx.org/licenses/exceptions-index.html.'],
  ] as const) {
    const answer = readLicensePattern(pattern);
    assert.equal(answer.ok ? 'accepted' : answer.mistake.hint, hint, pattern);
  }
});

test('deprecated identifiers name their successor, where there is one', () => {
  assert.equal(successorOf('GPL-3.0'), 'GPL-3.0-only');
  assert.equal(successorOf('LGPL-2.1+'), 'LGPL-2.1-or-later');
  assert.equal(successorOf('Nunit'), '');
  assert.equal(successorOf('GPL-3.0-only'), undefined);
  assert.equal(successorOf('MIT'), undefined);
});

test('any declared text is read without an error, however deep or long', () => {
  const words = fc.constantFrom('MIT', 'AND', 'OR', 'WITH', '(', ')', '+', 'LicenseRef-', 'x', ' ');
  fc.assert(fc.property(fc.array(words, { maxLength: 40 }), (parts) => void readLicenses([parts.join(' ')])));
  assert.ok(isUnavoidable('unknown', ['('.repeat(100_000)]));
  assert.ok(isUnavoidable('MIT', [`${'('.repeat(400)}MIT${')'.repeat(400)}`]));
});
