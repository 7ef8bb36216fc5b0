import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import parse from 'spdx-expression-parse';
import { limits } from '../limits.ts';
import { licenseExpression } from './license.ts';

const exact: readonly (readonly [string, string])[] = [
  ['MIT', 'MIT'],
  ['mit', 'MIT'],
  ['  MIT\n', 'MIT'],
  ['MIT License', 'MIT'],
  ['The MIT License (MIT)', 'MIT'],
  ['Expat', 'MIT'],
  ['Apache 2.0', 'Apache-2.0'],
  ['ASL 2.0', 'Apache-2.0'],
  ['Apache License, Version 2.0', 'Apache-2.0'],
  ['The Apache Software License, Version 2.0', 'Apache-2.0'],
  ['https://www.apache.org/licenses/LICENSE-2.0.txt', 'Apache-2.0'],
  ['http://opensource.org/licenses/BSD-3-Clause', 'BSD-3-Clause'],
  ['https://licenses.nuget.org/MIT', 'MIT'],
  ['http://creativecommons.org/licenses/by-sa/4.0/', 'CC-BY-SA-4.0'],
  ['New BSD License', 'BSD-3-Clause'],
  ['BSD (3-clause)', 'BSD-3-Clause'],
  ['Eclipse Public License v2.0', 'EPL-2.0'],
  ['MPLv2.0', 'MPL-2.0'],
  ['CC0', 'CC0-1.0'],
  ['GPL-2', 'GPL-2.0-only'],
  ['GPL-2+', 'GPL-2.0-or-later'],
  ['GPLv2+', 'GPL-2.0-or-later'],
  ['GPL+', 'GPL-1.0-or-later'],
  ['GPL-2.0+', 'GPL-2.0-or-later'],
  ['LGPL-2.1', 'LGPL-2.1-only'],
  ['GNU Lesser General Public License v3 or later (LGPLv3+)', 'LGPL-3.0-or-later'],
  ['License :: OSI Approved :: GNU General Public License v2 or later (GPLv2+)', 'GPL-2.0-or-later'],
  ['License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)', 'MPL-2.0'],
  ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
  ['GPL-2.0 WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['GPL-2+ with Font exception', 'GPL-2.0-or-later WITH Font-exception-2.0'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['Apache-2.0+', 'Apache-2.0+'],
  ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
  ['MIT/X11', 'MIT'],
  ['zlib/libpng', 'Zlib'],
  ['(MIT OR Apache-2.0)', 'MIT OR Apache-2.0'],
  ['mit and asl 2.0', 'MIT AND Apache-2.0'],
  ['MIT AND (GPL-2.0+ OR ISC) AND Zlib', 'MIT AND (GPL-2.0-or-later OR ISC) AND Zlib'],
  ['(MIT AND ISC) OR Zlib', 'MIT AND ISC OR Zlib'],
  ['LicenseRef-Foo or mit', 'LicenseRef-Foo OR MIT'],
];

/** What fits several licences, or none, stays as the package says it. */
const inexact = [
  'BSD',
  'BSD License',
  'GPL',
  'MIT and BSD',
  'GPLv2 with exceptions',
  'License :: OSI Approved :: BSD License',
  'public-domain',
  'UNLICENSED',
  'SEE LICENSE IN LICENSE.md',
  'MIT (GPLv2)',
  'GPL-7',
  'LGPL-2.2+',
  'MIT AND',
  'AND',
  'constructor',
  '__proto__',
  'https://example.org/licenses/MIT',
  '',
];

test('a name in use that means exactly one licence becomes its SPDX expression', () => {
  for (const [text, expression] of exact) assert.equal(licenseExpression(text), expression, text);
});

test('what is normalised is a valid expression, and normalising it again changes nothing', () => {
  for (const [, expression] of exact) {
    parse(expression);
    assert.equal(licenseExpression(expression), expression);
  }
});

test('a name that does not mean exactly one licence stays the text that the package gives', () => {
  for (const text of inexact) assert.equal(licenseExpression(text), text);
});

test('a whole licence text is shown cut, in one line', () => {
  const shown = licenseExpression('Permission is\nhereby granted '.repeat(10_000));
  assert.equal(shown.length, limits.licenseLength);
  assert.match(shown, /^Permission is hereby granted .*…$/);
});

test('any text is answered, at once and bounded', () => {
  const words = fc.constantFrom(
    'MIT',
    'GPL-2+',
    '(',
    ')',
    'and',
    'OR',
    'with',
    '/',
    '+',
    'License ::',
    'DocumentRef-a:',
    ' ',
    '::',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join(' ')),
      ),
      (text) => {
        assert.ok(licenseExpression(text).length <= limits.licenseLength);
      },
    ),
  );
  assert.equal(licenseExpression('('.repeat(limits.licenseLength)), '('.repeat(limits.licenseLength));
});
