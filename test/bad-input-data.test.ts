/** What stands beside the artifact and is broken: advisories, policies, SBOMs, VEX documents, and updates of the data. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, it } from 'node:test';
import { layoutOf } from '../src/image/testing-image.ts';
import { serveFolder } from '../src/vuln/testing-feed.ts';
import {
  assertPlain,
  assertRefused,
  newHome,
  plimsoll,
  plimsollProcess,
  resultsIn,
  workspace,
} from './command-line.ts';
import { sampleDatabase, sampleImage, writeLayout, writeSampleFeed } from './sample.ts';

let database = '';
let target = '';
before(async () => {
  database = await sampleDatabase();
  target = await writeLayout(layoutOf([{ image: sampleImage() }]));
});

let files = 0;
function write(content: string | Buffer): string {
  const name = `file-${++files}`;
  writeFileSync(join(workspace, name), content);
  return name;
}
/** The sample database after a change. */
function changed(change: (bytes: Buffer) => Buffer): string {
  return write(change(readFileSync(database)));
}

describe('without advisory data there is no answer, and it is said what to do', () => {
  const cases: readonly (readonly [what: string, file: () => string, says: RegExp])[] = [
    ['a missing one', () => 'nowhere.db', /no advisory database at "nowhere\.db"[\s\S]*db update/],
    ['a folder', () => '.', /hint: /],
    ['an empty file', () => write(''), /hint: .*db update/],
    ['a text', () => write('not a database\n'.repeat(100)), /hint: .*db update/],
    ['a truncated one', () => changed((bytes) => bytes.subarray(0, bytes.length / 2)), /damaged|corrupt/],
    [
      'one whose pages were overwritten',
      () => changed((bytes) => Buffer.from(bytes).fill(0x5a, 4096)),
      /damaged|corrupt/,
    ],
    ['one with another schema', otherDatabase, /hint: .*db update/],
  ];
  for (const [what, file, says] of cases) {
    it(what, async () => {
      const path = file();
      for (const args of [
        ['scan', target],
        ['gate', target],
        ['db', 'status'],
        ['db', 'search', 'lodash'],
      ]) {
        const answer = await plimsoll([...args, '--db', path], newHome());
        assertRefused(answer, 3, says);
      }
    });
  }

  it('a missing one of the user, or one that PLIMSOLL_DB names', async () => {
    assertRefused(await plimsoll(['scan', target], newHome()), 3, /plimsoll db update/);
    assertRefused(await plimsoll(['scan', target], newHome({ PLIMSOLL_DB: '/nowhere/a.db' })), 3, /\/nowhere\/a\.db/);
  });

  function otherDatabase(): string {
    const name = `file-${++files}`;
    const made = new DatabaseSync(join(workspace, name));
    made.exec('CREATE TABLE advisory (id TEXT)');
    made.close();
    return name;
  }
});

describe('a source of advisories that is broken leaves the data as it was', () => {
  const broken: readonly (readonly [
    what: string,
    path: string,
    content: string | undefined,
    code: 2 | 3,
    says: RegExp,
  ])[] = [
    ['no archive', 'npm/all.zip', undefined, 2, /no advisories for npm/],
    ['an archive that is none', 'npm/all.zip', 'text', 3, /archive of advisories .* cannot be read/],
    [
      'a catalogue of exploited vulnerabilities that is none',
      'known_exploited_vulnerabilities.json',
      '<html>',
      3,
      /known exploited .* cannot be read/,
    ],
    ['scores that are none', 'epss_scores-current.csv', '<html>', 3, /EPSS scores cannot be read/],
    ['no ecosystem', 'ecosystems.txt', '', 2, /lists no ecosystem/],
  ];
  for (const [what, path, content, code, says] of broken) {
    it(what, async (test) => {
      const folder = join(workspace, `broken-feed-${++files}`);
      writeSampleFeed(folder);
      const { url } = await serveFolder(test, folder, (asked, _, response) => {
        if (asked !== `/${path}`) return false;
        if (content === undefined) response.writeHead(404);
        response.end(content);
        return true;
      });
      const db = join(workspace, `kept-${++files}.db`);
      copyFileSync(database, db);
      const answer = await plimsoll(['db', 'update', '--from', url, '--db', db], newHome());
      assertRefused(answer, code, says);
      assert.deepEqual(readFileSync(db), readFileSync(database));
    });
  }

  it('a server that stalls', async (test) => {
    const folder = join(workspace, `broken-feed-${++files}`);
    writeSampleFeed(folder);
    const { url } = await serveFolder(test, folder, (asked, _, response) => {
      if (!asked.endsWith('npm/all.zip')) return false;
      response.writeHead(200, { 'content-length': 1000 });
      response.write('PK');
      return true;
    });
    const db = join(workspace, `stalled-${++files}.db`);
    const answer = await plimsollProcess(['db', 'update', '--from', url, '--db', db], {
      env: newHome(),
      impatient: true,
    });
    assertRefused(answer, 3, /nothing came for 30 seconds/);
    assert.ok(answer.milliseconds < 15_000);
    assert.equal(existsSync(db), false);
  });

  it('a place that is none', async () => {
    const places = [
      ['nowhere', 2, /there is no such folder/],
      [join(workspace, 'nowhere'), 2, /there is no such folder/],
      ['http://localhost:1/x', 3, /could not be downloaded/],
    ] as const;
    for (const [from, code, says] of places) {
      const answer = await plimsollProcess(['db', 'update', '--from', from, '--db', 'x.db'], { impatient: true });
      assertRefused(answer, code, says);
    }
    assertRefused(await plimsoll(['db', 'update', '--ecosystem', '../etc', '--db', 'x.db'], newHome()), 2, /\.\.\/etc/);
  });
});

describe('an invalid policy is refused with its mistakes by line and column', () => {
  const cases: readonly (readonly [what: string, text: string | Buffer, says: RegExp])[] = [
    ['no YAML', 'version: 1\nrules: [', /:2:\d+: /],
    ['an empty file', '', /:1:1: the file is empty/],
    ['an unknown key', 'version: 1\nrulez: []\n', /:2:1: "rulez" is not a key/],
    [
      'an unknown severity',
      'version: 1\nrules:\n  - { name: a, action: deny, when: { severity: hihg } }\n',
      /:3:\d+: .*"high"/s,
    ],
    [
      'an exception without end',
      'version: 1\nexceptions:\n  - { vulnerability: CVE-2026-1000, reason: x }\n',
      /:3:\d+: .*until/s,
    ],
    [
      'a bomb of aliases',
      `version: 1\n${Array.from(
        { length: 12 },
        (_, n) =>
          `a${n}: &a${n} [${
            n === 0
              ? 'x'
              : Array(9)
                  .fill(`*a${n - 1}`)
                  .join(', ')
          }]`,
      ).join('\n')}\n`,
      /: /,
    ],
    ['deep nesting', `version: 1\nrules: ${'['.repeat(100_000)}`, /has a problem\n[\s\S]*nested too deeply/],
    ['bytes that are no text', Buffer.alloc(1000, 0xff), /:\d+:\d+: /],
    ['a file that is too large', Buffer.alloc(2 * 1024 * 1024, '#'), /has 2097152 bytes; the limit is/],
  ];
  for (const [what, text, says] of cases) {
    it(what, async () => {
      const policy = write(text);
      const started = performance.now();
      const gated = await plimsoll(['gate', target, '--db', database, '--policy', policy]);
      assertRefused(gated, 2, says);
      const checked = await plimsoll(['policy', 'check', policy]);
      assertPlain(checked);
      assert.equal(checked.code, 2);
      assert.match(checked.out + checked.err, /hint: /);
      assert.ok(performance.now() - started < 15_000);
    });
  }

  it('a policy that is not there', async () => {
    assertRefused(
      await plimsoll(['gate', target, '--db', database, '--policy', 'no.yaml']),
      2,
      /no\.yaml cannot be read/,
    );
    assertRefused(await plimsoll(['policy', 'check', 'no.yaml']), 2, /no\.yaml cannot be read/);
  });
});

describe('documents that are broken are refused', () => {
  const sboms: readonly (readonly [what: string, text: string | Buffer, says: RegExp])[] = [
    ['no JSON', '{"bomFormat": "CycloneDX", ', /JSON/],
    ['JSON that is no SBOM', '{"a": 1}', /CycloneDX|SPDX/],
    ['SPDX as tag and value', 'SPDXVersion: SPDX-2.3\n', /JSON|SPDX/],
    ['deep nesting', `{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": ${'['.repeat(100_000)}`, /JSON/],
    ['an empty file', '', /JSON/],
    ['bytes that are no text', Buffer.alloc(100, 0xff), /JSON/],
  ];
  for (const [what, text, says] of sboms) {
    it(`an SBOM: ${what}`, async () => {
      const answer = await plimsoll(['scan', `sbom:${write(text)}`, '--db', database, '-o', 'json']);
      assertRefused(answer, 2, says);
    });
  }

  const partly: readonly (readonly [what: string, components: unknown, findings: readonly string[], lost: RegExp])[] = [
    ['that lists no components but something else', 'all of them', [], /"components" holds something that is not/],
    [
      'of which some components cannot be read',
      [
        { type: 'library', name: 'lodash', version: '1.0.0', purl: 'pkg:npm/lodash@1.0.0' },
        { type: 'library', name: 'odd', version: '1', purl: 'not a purl' },
      ],
      ['CVE-2026-1000'],
      /"not a purl" is not a package URL/,
    ],
    [
      'of which some components are none',
      [{ type: 'library', name: 'lodash', version: '1.0.0', purl: 'pkg:npm/lodash@1.0.0' }, 7, null],
      ['CVE-2026-1000'],
      /"components" holds 2 things that are not/,
    ],
    [
      'with components in components, without end',
      [
        { type: 'library', name: 'lodash', version: '1.0.0', purl: 'pkg:npm/lodash@1.0.0' },
        JSON.parse(`${'{"components":['.repeat(2_000)}7${']}'.repeat(2_000)}`),
      ],
      ['CVE-2026-1000'],
      /"components" holds something that is not/,
    ],
  ];
  for (const [what, components, findings, lost] of partly) {
    it(`an SBOM ${what} is used as far as it goes, and says so`, async () => {
      const sbom = write(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
      const answer = await plimsoll(['scan', `sbom:${sbom}`, '--db', database, '-o', 'json']);
      assert.equal(answer.code, 0, answer.err);
      const [result] = resultsIn(answer.out);
      assert.deepEqual(
        result?.findings.map(({ id }) => id),
        findings,
      );
      assert.ok(result?.unknown.some((one) => one.kind === 'unread-file' && lost.test(one.reason)));
    });
  }

  const vexes: readonly (readonly [what: string, text: string])[] = [
    ['no JSON', '{'],
    ['JSON that is no VEX', '{}'],
    [
      'a status that there is not',
      '{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","timestamp":"2026-01-01T00:00:00Z","statements":[{"vulnerability":"CVE-2026-1000","status":"fine"}]}',
    ],
  ];
  for (const [what, text] of vexes) {
    it(`a VEX document: ${what}`, async () => {
      const answer = await plimsoll(['scan', target, '--db', database, '--vex', write(text)]);
      assertRefused(answer, 2, /VEX/i);
    });
  }
});
