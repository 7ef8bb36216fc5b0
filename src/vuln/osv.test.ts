import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isAdvisoryId, parseOsv, readOsv } from './osv.ts';

type Fields = Record<string, unknown>;

/** A record about one package, with the fields that a case is about. */
function record(fields: Fields, affected: Fields = {}, ecosystem = 'npm'): Fields {
  return {
    id: 'GHSA-aaaa-bbbb-cccc',
    modified: '2024-01-01T00:00:00Z',
    affected: [{ package: { ecosystem, name: 'thing' }, ranges: [range({ introduced: '0' })], ...affected }],
    ...fields,
  };
}

function range(...events: Fields[]): Fields {
  return { type: 'ECOSYSTEM', events };
}

function onlyAffected(fields: Fields) {
  const [first, ...rest] = parseOsv(fields).affected;
  assert.ok(first !== undefined && rest.length === 0);
  return first;
}

describe('an OSV record', () => {
  it('gives its names, scores, dates, ranges and two pages', () => {
    const parsed = parseOsv({
      schema_version: '1.7.0',
      id: 'GHSA-jfh8-c2jp-5v3q',
      aliases: ['CVE-2021-44228'],
      published: '2021-12-10T00:40:56Z',
      modified: '2024-01-01T00:00:00.5Z',
      summary: 'JNDI lookups in logged text',
      severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H' }],
      database_specific: { severity: 'CRITICAL' },
      references: [
        { type: 'WEB', url: 'https://example.org/1' },
        { type: 'ADVISORY', url: 'https://example.org/2' },
        { type: 'WEB', url: 'https://example.org/3' },
        { type: 'WEB', url: 'javascript:alert(1)' },
      ],
      affected: [
        {
          package: { ecosystem: 'Maven', name: 'log4j:log4j', purl: 'pkg:maven/log4j/log4j?classifier=all&arch=x#sub' },
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '2.0' }, { fixed: '2.15' }] }],
          versions: ['2.14'],
        },
      ],
    });
    assert.deepEqual(parsed, {
      advisory: {
        id: 'GHSA-jfh8-c2jp-5v3q',
        aliases: ['CVE-2021-44228'],
        upstream: [],
        summary: 'JNDI lookups in logged text',
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H' }],
        rating: 'CRITICAL',
        published: '2021-12-10T00:40:56Z',
        modified: '2024-01-01T00:00:00.5Z',
        kind: 'vulnerability',
        references: ['https://example.org/2', 'https://example.org/1'],
      },
      affected: [
        {
          ecosystem: 'Maven',
          name: 'log4j:log4j',
          ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '2.0' }, { fixed: '2.15' }] }],
          versions: ['2.14'],
          severity: [],
          rating: undefined,
          qualifiers: { classifier: 'all', arch: 'x' },
        },
      ],
      withdrawn: false,
    });
  });

  it('without the optional fields, or with null in them, is a record too', () => {
    const { advisory, affected } = parseOsv({
      id: 'X-1',
      aliases: null,
      affected: null,
      summary: null,
      severity: null,
    });
    assert.deepEqual(affected, []);
    assert.deepEqual(advisory.aliases, []);
    assert.equal(advisory.summary, undefined);
    assert.equal(advisory.modified, undefined);
  });

  it('affects nothing by GIT ranges alone, and keeps the listed versions beside them', () => {
    const git = { type: 'GIT', repo: 'https://example.org', events: [{ introduced: '0' }] };
    assert.deepEqual(parseOsv(record({}, { ranges: [git] })).affected, []);
    const listed = onlyAffected(record({}, { ranges: [git], versions: ['1.0'] }));
    assert.deepEqual([listed.ranges, listed.versions], [[], ['1.0']]);
  });

  it('affects nothing by an entry that names no package, no range and no version', () => {
    assert.deepEqual(parseOsv(record({ affected: [{ ranges: [range({ introduced: '0' })] }] })).affected, []);
    assert.deepEqual(parseOsv(record({}, { ranges: [] })).affected, []);
  });

  const bounds: readonly (readonly [string, Fields[], unknown])[] = [
    ['<= 1.2', [{ introduced: '0' }], { lastAffected: '1.2' }],
    ['< 1.2', [{ introduced: '0' }], { limit: '1.2' }],
    ['<= 1.2', [{ introduced: '0' }, { fixed: '1.3' }], undefined],
    ['<= 9', [{ introduced: '0' }, { fixed: '1' }, { introduced: '2' }], { lastAffected: '9' }],
    ['>= 1.0, < 2.0', [{ introduced: '0' }], undefined],
  ];
  for (const [known, events, added] of bounds) {
    it(`with the last known range ${known} ends ${JSON.stringify(events)} by ${JSON.stringify(added)}`, () => {
      const { ranges } = onlyAffected(
        record({}, { ranges: [range(...events)], database_specific: { last_known_affected_version_range: known } }),
      );
      assert.deepEqual(ranges[0]?.events, added === undefined ? events : [...events, added]);
    });
  }

  it('is withdrawn when it says when, but not by a time that is none', () => {
    assert.equal(parseOsv(record({ withdrawn: '2024-01-01T00:00:00Z' })).withdrawn, true);
    for (const none of [undefined, null, '', '0001-01-01T00:00:00Z']) {
      assert.equal(parseOsv(record({ withdrawn: none })).withdrawn, false, String(none));
    }
  });

  it('has no dates where the feed has none, as Go and old exports write them', () => {
    for (const none of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'yesterday', '2024-13-41T00:00:00Z']) {
      const { advisory } = parseOsv(record({ modified: none, published: none }));
      assert.deepEqual([advisory.modified, advisory.published], [undefined, undefined], none);
    }
  });
});

describe('the feeds and what they do beyond the schema', () => {
  it("a distribution's erratum carries the CVEs of its related, its aliases and its upstream, and is none of them", () => {
    const alma = record({ id: 'ALSA-2024:4312', related: ['CVE-2024-6387', 'RHSA-1'] }, {}, 'AlmaLinux:9');
    assert.deepEqual(parseOsv(alma).advisory.upstream, ['CVE-2024-6387']);
    const old = record({ id: 'DSA-1-1', aliases: ['CVE-2020-0001', 'CVE-2020-0002', 'X-1'] }, {}, 'Debian:12');
    assert.deepEqual(parseOsv(old).advisory.aliases, ['X-1']);
    assert.deepEqual(parseOsv(old).advisory.upstream, ['CVE-2020-0001', 'CVE-2020-0002']);
    const stated = record({ upstream: ['CVE-2020-0003'], related: ['CVE-2020-0004'] }, {}, 'Ubuntu:24.04:LTS');
    assert.deepEqual(parseOsv(stated).advisory.upstream, ['CVE-2020-0003']);
  });

  it("a language's advisory keeps its CVE aliases, and what it is related to stays apart", () => {
    const { advisory } = parseOsv(record({ aliases: ['CVE-2024-1000'], related: ['CVE-2024-2000'] }));
    assert.deepEqual([advisory.aliases, advisory.upstream], [['CVE-2024-1000'], []]);
  });

  it('bug-fix errata concern no vulnerability, unless they name one', () => {
    assert.deepEqual(parseOsv(record({ id: 'ALBA-2021:1099', related: [] }, {}, 'AlmaLinux:8')).affected, []);
    assert.equal(
      parseOsv(record({ id: 'ALBA-2019:3693', related: ['CVE-2018-1'] }, {}, 'AlmaLinux:8')).affected.length,
      0,
    );
    assert.equal(
      parseOsv(record({ id: 'ALBA-2019:3693', related: ['CVE-2018-18074'] }, {}, 'AlmaLinux:8')).affected.length,
      1,
    );
    assert.equal(parseOsv(record({ id: 'ALSA-2019:3693', related: [] }, {}, 'AlmaLinux:8')).affected.length, 1);
  });

  it('ratings in words come from where each feed has them', () => {
    const recordRatings: readonly (readonly [Fields, string | undefined, string])[] = [
      [{ database_specific: { severity: 'MODERATE' } }, 'MODERATE', 'npm'],
      [{ summary: 'Important: kernel security update' }, 'Important', 'AlmaLinux:9'],
      [{ summary: 'Important: not an erratum' }, undefined, 'npm'],
      [{ database_specific: { cvss_v3: 9.8 } }, 'CRITICAL', 'RubyGems'],
      [{ database_specific: { cvss_v3: 4.8 } }, 'MEDIUM', 'RubyGems'],
      [{ database_specific: { cvss_v3: null } }, undefined, 'RubyGems'],
    ];
    for (const [fields, rating, ecosystem] of recordRatings) {
      assert.equal(parseOsv(record(fields, {}, ecosystem)).advisory.rating, rating, JSON.stringify(fields));
    }
    const debian = record({}, { ecosystem_specific: { urgency: 'unimportant' } }, 'Debian:12');
    assert.equal(onlyAffected(debian).rating, 'unimportant');
    const wolfi = record({ database_specific: { status: 'pending-upstream-fix' } }, {}, 'Wolfi');
    assert.equal(onlyAffected(wolfi).rating, 'pending-upstream-fix');
  });

  it("distributions' lists of versions are left out beside a range, and kept without one", () => {
    assert.deepEqual(onlyAffected(record({}, { versions: ['1', '2'] }, 'Ubuntu:24.04:LTS')).versions, []);
    assert.deepEqual(onlyAffected(record({}, { versions: ['1'], ranges: [] }, 'Ubuntu:24.04:LTS')).versions, ['1']);
    assert.deepEqual(onlyAffected(record({}, { versions: ['1', '2'] }, 'PyPI')).versions, ['1', '2']);
  });

  it('malware and unmaintained packages are told from vulnerabilities', () => {
    const kinds: readonly (readonly [Fields, Fields, string])[] = [
      [{ id: 'MAL-2022-1' }, {}, 'malware'],
      [{ aliases: ['MAL-2022-1'] }, {}, 'malware'],
      [{ database_specific: { cwe_ids: ['CWE-20', 'CWE-506'] } }, {}, 'malware'],
      [{ database_specific: { 'malicious-packages-origins': [] } }, {}, 'malware'],
      [{}, { database_specific: { categories: ['malicious'] } }, 'malware'],
      [{}, { database_specific: { informational: 'unmaintained' } }, 'unmaintained'],
      [{}, { database_specific: { informational: 'unsound' } }, 'vulnerability'],
      [{ database_specific: { cwe_ids: ['CWE-20'] } }, {}, 'vulnerability'],
    ];
    for (const [fields, affected, kind] of kinds) {
      assert.equal(parseOsv(record(fields, affected)).advisory.kind, kind, JSON.stringify([fields, affected]));
    }
  });

  it('purl qualifiers are read, also as Ubuntu has joined them', () => {
    const purl = 'pkg:deb/ubuntu/sudo?arch=src?distro=trusty/esm';
    const { qualifiers } = onlyAffected(record({}, { package: { ecosystem: 'npm', name: 'x', purl } }));
    assert.deepEqual(qualifiers, { arch: 'src', distro: 'trusty/esm' });
  });
});

describe('a record that cannot be read says which field is wrong', () => {
  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['no object', [], /The record is not an object/],
    ['no id', {}, /id is not a text/],
    ['an id that leads elsewhere', { id: '../../etc/passwd' }, /is not the name of an advisory/],
    ['affected no list', { id: 'X-1', affected: 3 }, /affected is not a list/],
    ['a package without name', record({}, { package: { ecosystem: 'npm' } }), /package\.name is not a text/],
    ['a range of no type', record({}, { ranges: [{ type: 'ODD', events: [] }] }), /type is "ODD"/],
    ['a range without events', record({}, { ranges: [range()] }), /events is empty/],
    ['an event of no kind', record({}, { ranges: [range({ began: '1' })] }), /none of introduced, fixed/],
    ['a version that is a number', record({}, { ranges: [range({ fixed: 1 })] }), /fixed is not a text/],
    ['a score without type', record({ severity: [{ score: 'x' }] }), /severity\[\]\.type is not a text/],
    [
      'a hundred thousand ranges',
      record({}, { ranges: Array.from({ length: 100_000 }, () => range({ introduced: '0' })) }),
      /more than the 50000 allowed/,
    ],
    [
      'a range of a hundred thousand events',
      record({}, { ranges: [range(...Array.from({ length: 100_000 }, () => ({ introduced: '0' })))] }),
      /more than the 50000 allowed/,
    ],
  ];
  for (const [name, json, message] of broken) {
    it(name, () => {
      assert.throws(
        () => parseOsv(json),
        (thrown) =>
          thrown instanceof PlimsollError && thrown.code === 'vuln/bad-record' && message.test(thrown.message),
      );
    });
  }

  it('JSON that is none, and one that is too large', () => {
    assert.throws(() => readOsv(Buffer.from('{"id":')), /It is not JSON/);
    assert.throws(() => readOsv(Buffer.alloc(limits.advisoryBytes + 1, ' ')), /bytes, more than/);
  });
});

describe('hostile records', () => {
  it('cannot reach a prototype', () => {
    const json = `{"id":"X-1","__proto__":{"aliases":["CVE-2024-0001"]},"affected":[{"package":{"ecosystem":"npm",
      "name":"__proto__","purl":"pkg:npm/x?__proto__=1&constructor=2"},"versions":["1"]}]}`;
    const { advisory, affected } = readOsv(Buffer.from(json));
    assert.deepEqual(advisory.aliases, []);
    assert.deepEqual(Object.keys(affected[0]?.qualifiers ?? {}), ['constructor']);
    assert.equal(affected[0]?.name, '__proto__');
    assert.equal(Reflect.get({}, 'aliases'), undefined);
  });

  it('show a long summary cut', () => {
    const { summary = '' } = parseOsv(record({ summary: 'x'.repeat(5_000_000) })).advisory;
    assert.equal(summary.length, limits.advisorySummary);
    assert.ok(summary.endsWith('…'));
  });

  it('never throw anything but a PlimsollError', () => {
    const words = fc.constantFrom('id', 'affected', 'package', 'name', 'ecosystem', 'ranges', 'type', 'events', 'npm');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 6 }, fc.string(), words, fc.integer(), fc.constant(null), tie('list'), tie('dict')),
      list: fc.array(tie('tree'), { maxLength: 4 }),
      dict: fc.dictionary(fc.oneof(words, fc.string()), tie('tree'), { maxKeys: 6 }),
    }));
    fc.assert(
      fc.property(
        fc.oneof(
          tree,
          tree.map((affected) => ({ id: 'X-1', affected: [affected] })),
        ),
        (json) => {
          try {
            parseOsv(json);
          } catch (thrown) {
            assert.ok(thrown instanceof PlimsollError, String(thrown));
          }
        },
      ),
    );
  });

  it('ids become file names and addresses, so they hold nothing that leads elsewhere', () => {
    for (const id of ['CVE-2024-1', 'ALSA-2024:1', 'SUSE-SU-2015:0001-1', 'PHPSEC-a-b_c-CVE-2020-1']) {
      assert.equal(isAdvisoryId(id), true, id);
    }
    for (const id of ['', '.', '..', 'a/b', 'a\\b', '../a', 'a\n', 'a%2fb', '-a', `a${'b'.repeat(200)}`, 'a..b', 'ä']) {
      assert.equal(isAdvisoryId(id), false, id);
    }
  });
});
