import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdvisoryLookup } from './advisory.ts';
import { matchComponents } from './match.ts';
import { parseOsv } from './osv.ts';
import { componentOf, lookupOf } from './testing.ts';

const records = ['1.5.0', '2.0.0'].map((fixed, index) =>
  parseOsv({
    id: `GHSA-${index}`,
    modified: '2024-01-01T00:00:00Z',
    aliases: [`CVE-2024-000${index}`],
    affected: [
      {
        package: { ecosystem: 'npm', name: 'a' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
      },
    ],
  }),
);

test('what was looked up for one artifact is not looked up again for the next, and the answers are the same', () => {
  const calls: string[] = [];
  const { find, severities, ...rest } = lookupOf(records);
  const counting: AdvisoryLookup = {
    ...rest,
    find: (ecosystem, name) => {
      calls.push(name);
      return find(ecosystem, name);
    },
    severities: (names) => {
      calls.push(...names);
      return severities(names);
    },
  };
  const matched = (lookup: AdvisoryLookup, version: string) =>
    matchComponents({ components: [componentOf({ type: 'npm', name: 'a', version })] }, lookup, { ubuntuPro: false });
  const first = matched(counting, '1.0.0');
  const asked = calls.length;
  assert.deepEqual(
    first.findings.map(({ id, fix }) => [id, fix.state === 'fixed' && fix.version]),
    [
      ['CVE-2024-0000', '1.5.0'],
      ['CVE-2024-0001', '2.0.0'],
    ],
  );
  assert.deepEqual(matched(counting, '1.0.0'), first);
  assert.deepEqual(matched(counting, '1.7.0'), matched(lookupOf(records), '1.7.0'));
  assert.equal(calls.length, asked);
  assert.deepEqual(matched(lookupOf([]), '1.0.0').findings, [], 'another database has a memory of its own');
});

test('more packages than are remembered are matched as well', () => {
  let finds = 0;
  const { find, ...rest } = lookupOf(records);
  const counting: AdvisoryLookup = {
    ...rest,
    find: (ecosystem, name) => {
      finds++;
      return find(ecosystem, name);
    },
  };
  const names = Array.from({ length: 100_000 }, (_, index) => `unheard-of-${index}`);
  const components = ['a', ...names, 'a'].map((name, index) =>
    componentOf({ type: 'npm', name, version: '1.0.0', id: `pkg:npm/${name}@1.0.0#${index}` }),
  );
  const { findings } = matchComponents({ components }, counting, { ubuntuPro: false });
  assert.equal(findings.length, 4);
  assert.equal(finds, components.length, 'the first was forgotten');
});
