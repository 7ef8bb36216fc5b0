import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentOf } from './content.ts';

const cuts = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 });

describe('contentOf', () => {
  it('reads like one buffer, however the bytes are cut', () => {
    fc.assert(
      fc.property(cuts, fc.nat(60), fc.nat(60), (pieces, from, to) => {
        const whole = Buffer.concat(pieces);
        const content = contentOf(pieces);
        assert.equal(content.size, whole.length);
        assert.deepEqual(Buffer.concat(content.pieces), whole);
        assert.deepEqual(content.slice(from, to), whole.subarray(from, Math.max(from, to)));
        assert.deepEqual(content.bytes(), whole);
      }),
    );
  });

  it('finds what a search of the whole would find, across the seams and within bounds', () => {
    const small = fc.array(
      fc.array(fc.constantFrom(1, 2), { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        small,
        fc.array(fc.constantFrom(1, 2), { minLength: 1, maxLength: 7 }),
        fc.nat(10),
        fc.nat(50),
        (pieces, needle, from, to) => {
          const whole = Buffer.concat(pieces).subarray(0, to);
          assert.equal(
            contentOf(pieces).indexOf(Buffer.from(needle), from, to),
            whole.indexOf(Buffer.from(needle), from),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('drops a byte order mark from text and marks what is not UTF-8', () => {
    assert.equal(contentOf([Buffer.from('\uFEFF{}')]).text(), '{}');
    assert.equal(contentOf([Buffer.from([0x61, 0xff])]).text(), 'a\uFFFD');
  });
});
