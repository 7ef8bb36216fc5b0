import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { child, listed, parseXml, textOf } from './xml.ts';

test('elements are found by name, whatever their namespace prefix', () => {
  const root = parseXml(
    '<?xml version="1.0"?><m:a xmlns:m="urn:x" k="1"><m:b> one </m:b><c><d>2</d><d><![CDATA[<3>]]></d></c></m:a>',
  );
  assert.equal(root.name, 'a');
  assert.equal(root.attributes.get('k'), '1');
  assert.equal(textOf(root, 'b'), 'one');
  assert.deepEqual(
    listed(root, 'c', 'd').map(({ text }) => text),
    ['2', '<3>'],
  );
  assert.equal(child(root, 'e'), undefined);
  assert.equal(textOf(root, 'c'), undefined);
});

test('entities of a document type are not expanded', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;&amp;</a>`;
  assert.equal(parseXml(bomb).text, '&y;&');
});

const broken = {
  nothing: '',
  'no XML': 'hello',
  'an element that is not closed': '<a><b></a>',
  'text after the end': '<a/>b',
  'very deep elements': '<a>'.repeat(100_000),
  'a million elements': `<a>${'<b/>'.repeat(1_100_000)}</a>`,
};
for (const [what, text] of Object.entries(broken)) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => parseXml(text),
      (thrown) => thrown instanceof PlimsollError && thrown.code === 'catalog/bad-xml',
    );
  });
}

test('what is wrong is told as one sentence', () => {
  assert.throws(() => parseXml(''), { message: /root element\.$/ });
  assert.throws(() => parseXml(''), { message: /[^.]\.$/ });
});

test('any text gives an element or a PlimsollError', () => {
  const piece = fc.constantFrom(
    '<a',
    '>',
    '</a>',
    ' b="c"',
    '&',
    '&lt;',
    '&__proto__;',
    '<!DOCTYPE',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<?x',
    '\0',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (pieces) => {
      try {
        assert.equal(typeof parseXml(pieces.join('')).name, 'string');
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
    { numRuns: 1_000 },
  );
});
