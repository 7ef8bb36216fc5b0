import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyrightLicenses } from './debian-copyright.ts';

const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';

const machineReadable: readonly (readonly [title: string, rest: string, licenses: readonly string[]])[] = [
  [
    'the licences of files',
    '\nFiles: *\nLicense: Expat\n\nFiles: debian/*\nLicense: GPL-2+\n',
    ['GPL-2.0-or-later', 'MIT'],
  ],
  [
    'the licence in the header',
    'License: Apache-2.0\n\nFiles: *\nCopyright: 2020 A\nLicense: Apache-2.0\n',
    ['Apache-2.0'],
  ],
  [
    'no paragraph that only spells one out',
    '\nFiles: *\nLicense: GPL-2+ or Expat\n\nLicense: GPL-2+\n text\n .\n more\n\nLicense: Expat\n text\n',
    ['GPL-2.0-or-later OR MIT'],
  ],
  ['paragraphs that spell out, when nothing else is said', 'Source: x\n\nLicense: ISC\n text\n', ['ISC']],
  [
    'the licence that comes with Perl',
    '\nFiles: *\nLicense: GPL-1+ or Artistic\n',
    ['GPL-1.0-or-later OR Artistic-1.0-Perl'],
  ],
  [
    'a comma binds weaker',
    '\nFiles: *\nLicense: Expat, and GPL-1+ or Artistic\n',
    ['MIT AND (GPL-1.0-or-later OR Artistic-1.0-Perl)'],
  ],
  [
    'names of Debian alone stay',
    '\nFiles: *\nLicense: BSD-3-clause~Google\n\nFiles: a\nLicense: public-domain\n',
    ['BSD-3-clause~Google', 'public-domain'],
  ],
  [
    'half-known expressions stay whole',
    '\nFiles: *\nLicense: Expat and BSD-3-clause-zend\n',
    ['Expat and BSD-3-clause-zend'],
  ],
  [
    'exceptions keep their words',
    '\nFiles: *\nLicense: GPL-3+ with Bison exception\n',
    ['GPL-3+ with Bison exception'],
  ],
  ['a sentence is not a name', '\nFiles: *\nLicense: Permission to use, copy, modify, and distribute this\n', []],
  ['an empty field', '\nFiles: *\nLicense:\n Everything is allowed.\n', []],
];

test('a machine-readable copyright file gives the licences of its files', () => {
  for (const [title, rest, licenses] of machineReadable)
    assert.deepEqual(copyrightLicenses(format + rest), licenses, title);
});

const free: readonly (readonly [text: string, licenses: readonly string[]])[] = [
  [
    "either version 2 of the License, or (at your option) any later\nversion. See `/usr/share/common-licenses/GPL-2'.",
    ['GPL-2.0-or-later'],
  ],
  ['On Debian systems see /usr/share/common-licenses/Apache-2.0.', ['Apache-2.0']],
  ['See /usr/share/common-licenses/LGPL-2.1 for the text.', ['LGPL-2.1']],
  [
    'or any later version: /usr/share/common-licenses/GPL-2. Docs: /usr/share/common-licenses/GFDL-1.3.',
    ['GFDL-1.3', 'GPL-2.0-or-later'],
  ],
  ['/usr/share/common-licenses/GPL and /usr/share/common-licenses/Artistic', ['Artistic-1.0-Perl', 'GPL']],
  ['Do what you like.', []],
  ['', []],
];

test('any other copyright file gives the common licences that it refers to, without guessing their versions', () => {
  for (const [text, licenses] of free) assert.deepEqual(copyrightLicenses(text), licenses, text);
});

test('a copyright file made to be slow is read at once', () => {
  const started = performance.now();
  copyrightLicenses(`${format}\nLicense: ${'a, and '.repeat(100_000)}\n${'License: x or y\n'.repeat(100_000)}`);
  copyrightLicenses('/usr/share/common-licenses/GPL-2 '.repeat(50_000));
  assert.ok(performance.now() - started < 2_000);
});
