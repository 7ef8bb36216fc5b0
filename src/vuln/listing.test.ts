import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differenceOf, parseListing } from './listing.ts';
import { timeKey } from './timestamp.ts';

const listing = (...lines: string[]) => parseListing(Buffer.from(lines.map((line) => `${line}\n`).join('')));

describe('modified_id.csv', () => {
  it('tells when each advisory last changed, whatever the order and line ends', () => {
    assert.deepEqual(
      [...(listing('2024-02-01T00:00:00.500Z,X-2\r', '2024-01-01T00:00:00Z,X-1')?.modified ?? [])],
      [
        ['X-2', '2024-02-01T00:00:00.5'],
        ['X-1', '2024-01-01T00:00:00'],
      ],
    );
  });

  it('that is an error page, empty, or cut off within a line is no list', () => {
    for (const text of ['', '\n', '<html>\n<body>404</body>', '2024-01-01T00:00:00Z,X-1\n2024-01-0', 'X-1,2024']) {
      assert.equal(parseListing(Buffer.from(text)), undefined, text);
    }
  });

  it('may name what is no advisory; that is never asked for', () => {
    const found = listing(
      '2024-01-01T00:00:00Z,X-1',
      '2024-01-01T00:00:00Z,../../etc/passwd',
      '2024-01-01T00:00:00Z,a/b',
    );
    assert.deepEqual(found?.refused, ['../../etc/passwd', 'a/b']);
    assert.deepEqual([...(found?.modified.keys() ?? [])], ['X-1']);
  });
});

describe('the difference to the last database', () => {
  const stored = new Map([
    ['X-1', '2024-01-01T00:00:00'],
    ['X-2', '2024-01-01T00:00:00'],
    ['X-3', '2099-01-01T00:00:00'],
  ]);

  it('is what is new, what has another time, earlier ones too, and what is gone', () => {
    const now = listing('2024-01-01T00:00:00.000Z,X-1', '2023-01-01T00:00:00Z,X-3', '2024-03-01T00:00:00Z,X-4');
    assert.deepEqual(differenceOf(now, stored, 10), { kind: 'changes', changed: ['X-3', 'X-4'], removed: ['X-2'] });
  });

  it('holds every advisory whose time is not known, since it may have changed', () => {
    const now = listing('2024-01-01T00:00:00Z,X-1', '0001-01-01T00:00:00Z,X-2', '2024-1,X-3');
    assert.deepEqual(differenceOf(now, stored, 10), { kind: 'changes', changed: ['X-2', 'X-3'], removed: [] });
  });

  it('is everything when too much changed, or nothing is known', () => {
    const now = listing('2024-05-01T00:00:00Z,X-1', '2024-05-01T00:00:00Z,X-2', '2099-01-01T00:00:00Z,X-3');
    assert.equal(differenceOf(now, stored, 1).kind, 'all');
    assert.equal(differenceOf(now, stored, 2).kind, 'changes');
    assert.equal(differenceOf(undefined, stored, 10).kind, 'all');
    assert.equal(differenceOf(now, new Map(), 10).kind, 'all');
  });
});

describe('times are compared as instants', () => {
  const equal = [
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T01:00:00+01:00', '2024-01-01T00:00:00Z'],
    ['2024-01-01T00:00:00.120Z', '2024-01-01T00:00:00.12Z'],
  ] as const;
  for (const [a, b] of equal) it(`${a} = ${b}`, () => assert.equal(timeKey(a), timeKey(b)));
  const ascending = [
    '2023-12-31T23:59:59Z',
    '2024-01-01T00:00:00Z',
    '2024-01-01T00:00:00.000001Z',
    '2024-01-01T00:00:01Z',
  ];
  it(ascending.join(' < '), () => {
    const keys = ascending.map((time) => timeKey(time) ?? '');
    assert.deepEqual([...keys].sort(), keys);
  });
});
