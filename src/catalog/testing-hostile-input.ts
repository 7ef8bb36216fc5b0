/** For the tests of catalogers: input that wants to break them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Cataloger, Json } from './cataloger.ts';
import { catalogFiles } from './testing.ts';

const tokens = [
  ...['__proto__', 'constructor', 'toString', 'node_modules', 'link:', 'npm:', 'file:', 'a'.repeat(5_000)],
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ':',
    ': ',
    ',',
    '=',
    '@',
    '/',
    '..',
    '#',
    '\\',
    '- ',
    '&a ',
    '*a',
    '!!map ',
  ],
  ...['\n', '\r\n', '  ', '\t', '\0', '\u2028', '\uFEFF', '\uD800', 'é', '0', '-1', '1e999', 'null', 'true', '[[x]]'],
];

const depth = 20_000;

/** Nested as deep as parsers that call themselves do not bear. */
const deep = [
  '['.repeat(depth),
  '{"a":'.repeat(depth),
  `${'['.repeat(depth)}${']'.repeat(depth)}`,
  `{"packages":${'{"dependencies":'.repeat(depth)}{}${'}'.repeat(depth)}}`,
  `{"dependencies":${'{"a":{"dependencies":'.repeat(depth)}{}${'}}'.repeat(depth)}}`,
  `a = ${'['.repeat(depth)}`,
  `${'- '.repeat(depth)}`,
  `__metadata:\n  a: ${'{a: '.repeat(depth)}`,
];

/**
 * Checks that a cataloger reads anything or refuses it with a `PlimsollError`, and leaves nothing behind: arbitrary text
 * and bytes, each of `samples` damaged at random, deep nesting, and files that end early.
 */
export function holdsAgainstHostileInput<Fragment extends Json>(
  cataloger: Cataloger<Fragment>,
  path: string,
  samples: readonly string[],
): void {
  const damaged = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...tokens, ''))))
    .map(([sample, edits]) =>
      edits.reduce((text, [position, length, token]) => {
        const at = position % (text.length + 1);
        return text.slice(0, at) + token + text.slice(at + length);
      }, sample),
    );
  const anything = fc.oneof(
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.uint8Array() },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...tokens)).map((parts) => parts.join('')) },
    { weight: 4, arbitrary: damaged },
  );
  fc.assert(
    fc.property(anything, (content) => tryReading(cataloger, path, content)),
    { numRuns: 200 },
  );
  for (const content of deep) tryReading(cataloger, path, content);
  for (const sample of samples) tryReading(cataloger, path, sample.slice(0, sample.length / 2));
}

/** `catalogFiles` throws again whatever is not a `PlimsollError`. */
function tryReading<Fragment extends Json>(cataloger: Cataloger<Fragment>, path: string, content: string | Uint8Array) {
  const { components } = catalogFiles(cataloger, { [path]: content });
  for (const { id, dependsOn } of components)
    for (const each of [id, ...dependsOn]) assert.match(each, /^pkg:[a-z]+\/./);
  assert.deepEqual(Object.keys(Object.prototype), []);
}
