import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { decodeAdvisory, decodeAffected, encodeAdvisory, encodeAffected } from './row.ts';

const plain = { noNullPrototype: true } as const;
const word = fc.string({ minLength: 1 });
const scores = fc.array(fc.record({ type: word, score: word }, plain), { maxLength: 3 });
const event = fc.oneof(
  fc.record({ introduced: word }, plain),
  fc.record({ fixed: word }, plain),
  fc.record({ lastAffected: word }, plain),
  fc.record({ limit: word }, plain),
);
const affected = fc.record(
  {
    ecosystem: fc.constantFrom('PyPI', 'npm', 'Debian:12', 'NuGet'),
    name: fc.constantFrom('Some_Name', 'some-name', '@scope/name'),
    ranges: fc.array(
      fc.record({ type: fc.constantFrom('SEMVER', 'ECOSYSTEM'), events: fc.array(event, { minLength: 1 }) }, plain),
    ),
    versions: fc.array(word),
    severity: scores,
    rating: fc.option(word, { nil: undefined }),
    qualifiers: fc.constantFrom({}, { arch: 'source' }, { distro: 'trusty/esm', arch: 'source' }),
  },
  plain,
);
const advisory = fc.record(
  {
    id: fc.constant('X-1'),
    aliases: fc.array(word),
    upstream: fc.array(word),
    summary: fc.option(word, { nil: undefined }),
    severity: scores,
    rating: fc.option(word, { nil: undefined }),
    published: fc.option(word, { nil: undefined }),
    modified: fc.option(word, { nil: undefined }),
    kind: fc.constantFrom('vulnerability', 'malware', 'unmaintained'),
    references: fc.option(fc.array(word, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  },
  plain,
);

const keys = new Map([
  ['PyPI', (name: string) => name.toLowerCase().replaceAll('_', '-')],
  ['NuGet', (name: string) => name.toLowerCase()],
]);

describe('a row of the database', () => {
  it('gives back the advisory that was put in', () => {
    fc.assert(
      fc.property(advisory, scores, (given, packageSeverity) => {
        assert.deepEqual(decodeAdvisory('X-1', encodeAdvisory(given, packageSeverity)), {
          advisory: given,
          packageSeverity,
        });
      }),
    );
  });

  it('gives back the affected package that was put in, spelt as it was', () => {
    fc.assert(
      fc.property(affected, (given) => {
        const key = keys.get(given.ecosystem)?.(given.name) ?? given.name;
        assert.deepEqual(decodeAffected(given.ecosystem, key, encodeAffected(given)), given);
      }),
    );
  });

  it('is small for the usual advisory of a distribution', () => {
    const body = encodeAffected({
      ecosystem: 'Debian:12',
      name: 'sudo',
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.9' }] }],
      versions: [],
      severity: [],
      qualifiers: {},
    });
    assert.equal(body, '[[["E",">0","<1.9"]]]');
  });

  it('that is damaged throws nothing but a PlimsollError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        for (const decode of [() => decodeAdvisory('X-1', body), () => decodeAffected('npm', 'x', body)]) {
          try {
            decode();
          } catch (thrown) {
            assert.ok(thrown instanceof PlimsollError, String(thrown));
          }
        }
      }),
    );
  });
});
