import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joseToDer } from './ecdsa-der.ts';

test('both numbers of a signature are written as DER has them: the shortest, and never negative', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['as they are', '1122', '3006 0201 11 0201 22'],
    ['a zero where it would be negative', '80ff', '3008 0202 0080 0202 00ff'],
    ['no zeros in front', '0001 0080', '3007 0201 01 0202 0080'],
    ['nothing but zeros', '0000 0000', '3006 0201 00 0201 00'],
    ['more than 127 bytes', '7f'.repeat(132), `308188 0242 ${'7f'.repeat(66)} 0242 ${'7f'.repeat(66)}`],
  ];
  for (const [name, jose, der] of rows)
    assert.equal(joseToDer(bytes(jose)).toString('hex'), bytes(der).toString('hex'), name);
});

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
