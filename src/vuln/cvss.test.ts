import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rateCvss } from './cvss.ts';

test('vectors score as the examples that FIRST publishes for their versions', () => {
  const cases: readonly (readonly [vector: string, score: number, level: string])[] = [
    // CVSS v4.0 specification and examples.
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', 10, 'critical'],
    ['CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 7.3, 'high'],
    ['CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 7.7, 'high'],
    ['CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U', 5.2, 'medium'],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N', 8.7, 'high'],
    [
      'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/CR:H/IR:L/AR:L/MAV:N/MAC:H/MVC:H/MVI:L/MVA:L',
      8.1,
      'high',
    ],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/S:P/AU:Y/U:Red', 9.3, 'critical'],
    ['CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', 0, 'none'],
    // CVSS v3.1 and v3.0 examples: Shellshock, Heartbleed, POODLE, SearchBlox XSS, a DoS.
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8, 'critical'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', 7.5, 'high'],
    ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 3.1, 'low'],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1, 'medium'],
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4, 'medium'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10, 'critical'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0, 'none'],
    // Only base metrics count: those of time and place are not the advisory's to know.
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U/MAV:P', 9.8, 'critical'],
    // CVSS v2, section 3.3.
    ['AV:N/AC:L/Au:N/C:N/I:N/A:C', 7.8, 'high'],
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C', 10, 'high'],
    ['(AV:L/AC:H/Au:N/C:C/I:C/A:C)', 6.2, 'medium'],
    ['AV:L/AC:H/Au:M/C:N/I:N/A:P', 0.8, 'low'],
  ];
  for (const [vector, score, level] of cases) {
    const rated = rateCvss(vector);
    assert.deepEqual([rated?.score, rated?.level], [score, level], vector);
  }
});

test('the order of the metrics does not change the score', () => {
  assert.equal(rateCvss('CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N')?.score, 9.8);
});

test('an invalid vector is unknown, not 0', () => {
  const cases = [
    '',
    'CVSS:3.1/',
    'CVSS:3.1/AV:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/AV:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/ZZ:N',
    'CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'AV:N/AC:L/Au:N/C:N/I:N',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H',
    '9.8',
    'HIGH',
    `CVSS:3.1/${'AV:N/'.repeat(1_000)}`,
  ];
  for (const vector of cases) assert.equal(rateCvss(vector), undefined, vector);
});

test('any text is a score from 0 to 10 or unknown', () => {
  const metric = fc.constantFrom(
    'AV:N',
    'AV:P',
    'AC:L',
    'AC:H',
    'AT:N',
    'PR:H',
    'UI:A',
    'VC:H',
    'VI:N',
    'VA:L',
    'SC:N',
    'SI:H',
    'SA:L',
    'S:C',
    'C:H',
    'I:N',
    'A:L',
    'E:U',
    'constructor:x',
  );
  const vector = fc
    .tuple(fc.constantFrom('CVSS:4.0/', 'CVSS:3.1/', 'CVSS:3.0/', ''), fc.uniqueArray(metric))
    .map(([prefix, metrics]) => prefix + metrics.join('/'));
  fc.assert(
    fc.property(fc.oneof(vector, fc.string()), (text) => {
      const rated = rateCvss(text);
      assert.ok(rated === undefined || (rated.score >= 0 && rated.score <= 10));
    }),
  );
});

test('every version 4 vector with more impact scores at least as high', () => {
  const value = (name: string, values: string) => fc.constantFrom(...values).map((one) => `${name}:${one}`);
  const base = fc.tuple(
    value('AV', 'NALP'),
    value('AC', 'LH'),
    value('AT', 'NP'),
    value('PR', 'NLH'),
    value('UI', 'NPA'),
    value('VC', 'HLN'),
    value('VI', 'HLN'),
    value('SC', 'HLN'),
    value('SI', 'HLN'),
    value('SA', 'HLN'),
  );
  fc.assert(
    fc.property(base, (metrics) => {
      const score = (availability: string) => rateCvss(`CVSS:4.0/${metrics.join('/')}/VA:${availability}`)?.score ?? -1;
      assert.ok(score('H') >= score('L') && score('L') >= score('N') && score('N') >= 0);
    }),
  );
});
