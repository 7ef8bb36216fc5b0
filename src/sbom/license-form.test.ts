import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allOf, licenseForm, licensesIn } from './license-form.ts';

const reference = (text: string) => `LicenseRef-${text.length}`;

test('a licence is an id of the list, an expression, or a text', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['MIT', 'id'],
    ['GPL-2.0', 'id'],
    ['GPL-2.0+', 'expression'],
    ['MIT OR Apache-2.0', 'expression'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'expression'],
    ['LicenseRef-own', 'expression'],
    ['DocumentRef-other:LicenseRef-own', 'text'],
    ['mit', 'text'],
    ['MIT License', 'text'],
    ['MIT OR', 'text'],
    ['', 'text'],
    ['éMIT', 'text'],
    ['\nMIT', 'text'],
    ['('.repeat(900), 'text'],
    [`${'MIT OR '.repeat(50_000)}MIT`, 'text'],
  ];
  for (const [license, kind] of cases) assert.equal(licenseForm(license).kind, kind, license.slice(0, 50));
});

test('operators are written in capitals, and references are known', () => {
  const form = licenseForm('(mit or MIT)');
  assert.equal(form.kind, 'text');
  assert.deepEqual(licenseForm('MIT or (LicenseRef-a and ISC)'), {
    kind: 'expression',
    expression: 'MIT OR LicenseRef-a AND ISC',
    joinedBy: 'or',
    references: ['LicenseRef-a'],
  });
});

test('licences that all hold become one expression, from which the same licences are read', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['MIT'], 'MIT'],
    [['ISC', 'MIT'], 'ISC AND MIT'],
    [['ISC', 'MIT OR Apache-2.0'], 'ISC AND (MIT OR Apache-2.0)'],
    [['MIT OR Apache-2.0'], 'MIT OR Apache-2.0'],
    [['ISC AND MIT'], '(ISC AND MIT)'],
    [['ISC AND MIT', 'Zlib'], '(ISC AND MIT) AND Zlib'],
  ];
  for (const [licenses, expression] of cases) {
    assert.equal(allOf(licenses.map(licenseForm), reference), expression);
    assert.deepEqual(licensesIn(expression), licenses);
  }
  assert.equal(allOf([licenseForm('a text'), licenseForm('MIT')], reference), 'LicenseRef-6 AND MIT');
});

test('what other tools join is taken apart, what is no expression is left alone', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['MIT AND ISC AND Zlib', ['MIT', 'ISC', 'Zlib']],
    ['(MIT AND (ISC OR Zlib)) AND 0BSD', ['MIT AND (ISC OR Zlib)', '0BSD']],
    ['MIT OR ISC AND Zlib', ['MIT OR ISC AND Zlib']],
    ['MIT AND ISC OR Zlib', ['MIT AND ISC OR Zlib']],
    ['salt AND pepper', ['salt AND pepper']],
    ['MIT AND pepper', ['MIT AND pepper']],
    ['MIT) AND (ISC', ['MIT) AND (ISC']],
    [`${'MIT AND '.repeat(300)}ISC`, [...Array.from({ length: 300 }, () => 'MIT'), 'ISC']],
  ];
  for (const [text, licenses] of cases) {
    assert.deepEqual(licensesIn(text), licenses, text.slice(0, 60));
  }
});

test('any text is a licence of some form, quickly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('MIT', ' AND ', ' OR ', '(', ')', '+', ' WITH ', 'ü', 'LicenseRef-a')),
      (parts) => {
        const text = parts.join('');
        licenseForm(text);
        assert.ok(licensesIn(text).length > 0);
      },
    ),
  );
});
