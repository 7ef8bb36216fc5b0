/** What the line says: policies, exceptions, VEX, `--fail-on`, and the exit code of each answer. */
import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { layoutOf, writeFiles } from '../src/image/testing-image.ts';
import { assertPlain, assertRefused, newHome, plimsoll, readText, resultsIn, workspace } from './command-line.ts';
import { sampleDatabase, sampleImage } from './sample.ts';

let database = '';
const malwareOnly = 'version: 1\nextends: nothing\nrules: [{ name: malware, action: deny, when: { kind: malware } }]\n';
const gate = (...args: readonly string[]) => plimsoll(['gate', '--db', database, ...args]);
const scan = (...args: readonly string[]) => plimsoll(['scan', '--db', database, ...args]);

before(async () => {
  database = await sampleDatabase();
  await writeFiles(join(workspace, 'web'), layoutOf([{ image: sampleImage() }]));
  await writeFiles(
    join(workspace, 'project'),
    new Map([['package-lock.json', Buffer.from('{"lockfileVersion":3,"packages":{}}')]]),
  );
});

function write(name: string, text: string): string {
  writeFileSync(join(workspace, name), text);
  return name;
}

function openVex(id: string, product: string): string {
  const statement = { vulnerability: { name: id }, products: [{ '@id': product }], status: 'not_affected' };
  return JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex/1',
    author: 'Acme',
    timestamp: '2026-01-01T00:00:00Z',
    version: 1,
    statements: [{ ...statement, justification: 'vulnerable_code_not_present' }],
  });
}

describe('the exit code of a scan', () => {
  const levels: readonly (readonly [level: string, target: string, code: number, says?: string])[] = [
    ['critical', 'oci:web', 1, '1 thing'],
    ['high', 'oci:web', 1, '2 things'],
    ['medium', 'oci:web', 1, '3 things'],
    ['low', 'oci:web', 1, '3 things'],
    ['critical', 'dir:project', 0],
    ['low', 'dir:project', 0],
  ];
  for (const [level, target, code, says] of levels) {
    it(`is ${code} for ${target} with --fail-on ${level}`, async () => {
      const answer = await scan(target, '--fail-on', level);
      assert.equal(answer.code, code);
      assert.equal(answer.err, says === undefined ? '' : `--fail-on ${level}: ${says} to mend\n`);
      assert.equal(answer.out, (await scan(target)).out);
    });
  }

  it('is 1 when any of several targets fails', async () => {
    assert.equal((await scan('dir:project', 'oci:web', '--fail-on', 'critical')).code, 1);
  });

  it('counts no finding that a VEX statement covers, and shows it', async () => {
    const vex = write('lodash.vex.json', openVex('CVE-2026-1000', 'pkg:npm/lodash@1.0.0'));
    const answer = await scan('oci:web', '--fail-on', 'critical', '--vex', vex, '-o', 'json');
    assert.equal(answer.code, 0);
    const [result] = resultsIn(answer.out);
    assert.deepEqual(
      result?.findings.map(({ id }) => id),
      ['CVE-2026-2000', 'CVE-2026-3000'],
    );
    assert.deepEqual(
      result?.suppressed.map(({ finding }) => finding.id),
      ['CVE-2026-1000'],
    );
  });
});

describe('usage errors say what can be done, and answer 2', () => {
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['scan'], /missing required argument 'target'/],
    [['scan', 'dir:project', '--fail-on', 'terrible'], /one of: critical, high, medium, low/],
    [['scan', 'dir:project', '-o', 'pdf'], /no format "pdf".*table, json/],
    [['scan', 'dir:project', '-o', 'json='], /Name a file after "json="/],
    [['scan', 'dir:project', '-o', 'json', '-o', 'table'], /Two outputs go to standard output[\s\S]*hint: /],
    [['scan', 'dir:project', '-o', 'json=a', '-o', 'table=a'], /Two outputs go to a[\s\S]*hint: /],
    [['scan', 'dir:project', '-o', 'json=a', '-o', 'table=./a'], /Two outputs go to \.\/a[\s\S]*hint: /],
    [['gate', 'dir:project', '--key', 'release.key'], /nothing is to be signed[\s\S]*--attest/],
    [['gate', 'dir:project', '--keyless'], /nothing is to be signed/],
    // Neither the key nor the folder is looked at.
    [['gate', 'dir:project', '--attest', '--key', 'no-such.key'], /dir:project is no image[\s\S]*plimsoll copy/],
    [['gate', 'dir:project', '--rekor-version', '2'], /nothing is to be signed/],
    [['provenance', 'create', '--key', 'release.key'], /nothing is to be signed/],
    [
      ['scan', 'dir:nowhere', '-o', 'json=no/such/file'],
      /no\/such\/file cannot be written: there is no folder no\/such/,
    ],
    [['gate', 'dir:nowhere', '-o', 'json=project'], /project cannot be written: it is a folder/],
    [['save', 'nowhere.test/app', 'no/such/app.tar'], /there is no folder no\/such/],
    [['sign-blob', 'project/package-lock.json', '--bundle', 'no/such/bundle'], /there is no folder no\/such/],
    [['keys', 'create', 'no/such/release'], /there is no folder no\/such/],
    [['scan', 'dir:project', '--faill-on', 'high'], /unknown option '--faill-on'[\s\S]*--fail-on/],
    [['gate', 'dir:project', '--gate', 'door'], /one of: build, ingress, admission, continuous/],
    [['scan', 'dir:nowhere', '--db', 'starter'], /nowhere[\s\S]*hint: /],
    [['scan', './nowhere', '--db', 'starter'], /no file or folder "\.\/nowhere"[\s\S]*hint: /],
    [['scan', 'Not An Image', '--db', 'starter'], /"Not An Image" cannot be looked at[\s\S]*hint: /],
    [['scan', '', '--db', 'starter'], /cannot be looked at: it is empty[\s\S]*hint: /],
    [['scan', '-', '--db', 'starter'], /what standard input holds[\s\S]*docker-archive:-/],
    ...['oci:web', 'dir:project', 'file:nowhere', 'sbom:nowhere'].map(
      (target) => [['sbom', target, '--platform', 'linux//'], /"linux\/\/" is not a platform[\s\S]*hint: /] as const,
    ),
    [['verify', 'nowhere.test/app', '--platform', 'linux//'], /"linux\/\/" is not a platform/],
    [['sbom', 'dir:project', '--platform', 'linux/arm64'], /"dir:project" is a folder, and only an image[\s\S]*hint: /],
    [['sbom', 'file:plimsoll', '--platform', 'linux/arm64'], /is a file, and only an image/],
    [['gate', 'sbom:web.json', '--db', 'starter', '--platform', 'arm64'], /is an SBOM, and only an image/],
    [
      ['attest', 'oci:web', '--type', 'vuln', '--predicate', 'p', '--platform', 'arm64'],
      /neither is there[\s\S]*digest/,
    ],
    [['help', 'x'], /There is no command "x"[\s\S]*hint: Run "plimsoll help"/],
    [['db', 'update', '--from', 'ftp://mirror.test'], /neither a folder nor an http: or https: address/],
    [['db', 'update', '--from', 'https://'], /neither a folder nor an http: or https: address/],
    [
      ['db', 'update', '--from', 'project', '--db', 'project/package-lock.json/x.db'],
      /package-lock\.json\/x\.db cannot be written[\s\S]*hint: /,
    ],
    [
      ['scan', 'dir:project', '--vex', 'project/package-lock.json'],
      /project\/package-lock\.json is not a VEX document/,
    ],
    [['db', 'updat'], /updat[\s\S]*update/],
    [['db', 'search'], /missing required argument 'text'/],
    [['db', 'search', 'two', 'things', '--db', 'starter'], /One thing is searched for at a time[\s\S]*hint: /],
    [['policy', 'chek'], /chek[\s\S]*check/],
  ];
  for (const [args, says] of cases) {
    it(args.join(' '), async () => {
      const answer = await plimsoll(args);
      assertPlain(answer);
      assert.equal(answer.code, 2);
      assert.match(answer.err, /^error: /);
      assert.match(answer.err, says);
      assert.equal(answer.out, '');
    });
  }
});

test('an error quotes what a file says, and what that says moves no cursor and starts no line', async () => {
  write('steering.json', '\u001b[31m\n::error');
  const { code, err } = await scan('sbom:steering.json');
  assert.equal(code, 2);
  assert.match(err, /^error: The SBOM sbom:steering\.json is not JSON: .*\\u001b\[31m ::err/);
  assert.deepEqual(err.replace(/: .*$/gm, '').split('\n'), ['error', '  hint', '  code', '']);
});

test('a full disk is no usage error: what was found out could not be told, and the answer is 3', {
  skip: existsSync('/dev/full') ? false : 'this system has no full disk to write to',
}, async () => {
  const answer = await scan('dir:project', '-o', 'json=/dev/full');
  assertRefused(answer, 3, /\/dev\/full cannot be written[\s\S]*hint: Check that there is room/);
});

describe('a gate', () => {
  async function verdict(policy: string | undefined, ...args: readonly string[]) {
    const named = policy === undefined ? [] : ['--policy', write('gate.yaml', policy)];
    const answer = await gate('oci:web', '-o', 'json', ...named, ...args);
    assert.equal(answer.err, '');
    const [result] = resultsIn(answer.out);
    assert.ok(result?.verdict !== undefined);
    const { outcome, reasons, suppressed, expired, unused } = result.verdict;
    return {
      code: answer.code,
      outcome,
      rules: reasons.map(({ action, rule, component }) => `${action} ${rule} ${component?.name ?? ''}`.trim()),
      suppressed: suppressed.map(({ finding, until }) => `${finding} ${until ?? ''}`.trim()),
      expired: expired.map(({ finding, until }) => `${finding} ${until}`),
      unused: unused.map(({ reason }) => reason),
    };
  }
  const nothingElse = { suppressed: [], expired: [], unused: [] };
  const exceptions = (...lines: readonly string[]) =>
    `version: 1\nexceptions:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
  const lodash = '{ vulnerability: CVE-2026-1000, component: pkg:npm/lodash, reason: ours, until: 2999-01-01 }';
  const requests = '{ vulnerability: PYSEC-2026-2, path: usr/lib/**, reason: not called, until: 2999-01-01 }';
  /** The default line says so of every image while the policy names no signers. */
  const unsigned = 'warn trust.unsigned';
  const usual = [
    'deny known-exploited requests',
    'deny critical-with-fix lodash',
    'warn high-with-fix requests',
    unsigned,
  ];

  it('denies by the line that holds without a policy', async () => {
    assert.deepEqual(await verdict(undefined), { code: 1, outcome: 'deny', rules: usual, ...nothingElse });
  });

  it('allows, and warns, by what the policy changes', async () => {
    const lenient =
      'version: 1\nrules:\n  - { name: known-exploited, action: allow }\n  - { name: critical-with-fix, action: warn }\n';
    assert.deepEqual(await verdict(lenient), {
      code: 0,
      outcome: 'warn',
      rules: ['warn high-with-fix requests', 'warn critical-with-fix lodash', unsigned],
      ...nothingElse,
    });
    assert.deepEqual(await verdict(malwareOnly), {
      code: 0,
      outcome: 'allow',
      rules: [],
      ...nothingElse,
    });
  });

  it('lets exceptions cover what they name until they end, and reports those that ended or fit nothing', async () => {
    assert.deepEqual(await verdict(exceptions(lodash, requests)), {
      code: 0,
      outcome: 'warn',
      rules: [unsigned],
      suppressed: ['CVE-2026-1000 2999-01-01', 'CVE-2026-2000 2999-01-01'],
      expired: [],
      unused: [],
    });
    const other = '{ vulnerability: CVE-1999-0001, reason: long gone, until: 2999-01-01 }';
    assert.deepEqual(await verdict(exceptions(lodash.replace('2999', '2026'), requests, other)), {
      code: 1,
      outcome: 'deny',
      rules: ['deny critical-with-fix lodash', unsigned],
      suppressed: ['CVE-2026-2000 2999-01-01'],
      expired: ['CVE-2026-1000 2026-01-01'],
      unused: ['long gone'],
    });
  });

  it('takes VEX statements into account, by component and by image', async () => {
    const lodashVex = write('component.vex.json', openVex('GHSA-1111-1111-1111', 'pkg:npm/lodash'));
    const answer = await verdict(undefined, '--vex', lodashVex);
    assert.deepEqual(answer.rules, ['deny known-exploited requests', 'warn high-with-fix requests', unsigned]);
    assert.deepEqual(answer.suppressed, ['CVE-2026-1000']);
    const imageVex = write('image.vex.json', openVex('CVE-2026-2000', `pkg:oci/web@${sampleImage().digest}`));
    const both = await verdict(undefined, '--vex', lodashVex, '--vex', imageVex);
    assert.deepEqual([both.code, both.outcome, both.rules], [0, 'warn', [unsigned]]);
  });

  it('has lines of its own for each gate', async () => {
    const policy =
      'version: 1\ngates:\n  build:\n    rules:\n      - { name: known-exploited, action: warn }\n      - { name: critical-with-fix, action: warn }\n';
    assert.equal((await verdict(policy)).code, 0);
    assert.deepEqual((await verdict(policy, '--gate', 'admission')).rules, usual);
    const starter = await gate('dir:project', '--db', 'starter', '--gate', 'ingress', '-o', 'json');
    assert.equal(starter.code, 1);
    assert.deepEqual(
      resultsIn(starter.out)[0]?.verdict?.reasons.map(({ rule }) => rule),
      ['unknown.starter-advisories', 'unknown.no-components'],
    );
  });

  it('judges several targets by one policy, and denies when one is denied', async () => {
    const answer = await gate('dir:project', 'oci:web', '-o', 'json');
    assert.equal(answer.code, 1);
    assert.deepEqual(
      resultsIn(answer.out).map(({ verdict }) => verdict?.outcome),
      ['warn', 'deny'],
    );
    assert.equal((await gate('dir:project', 'dir:project')).code, 0);
  });

  describe('with a plimsoll.yaml in the current folder', () => {
    before(() => write('plimsoll.yaml', malwareOnly));
    after(() => rmSync(join(workspace, 'plimsoll.yaml')));

    it('judges by that, unless another is named', async () => {
      assert.deepEqual(await verdict(undefined), { code: 0, outcome: 'allow', rules: [], ...nothingElse });
      assert.equal((await verdict('version: 1\n')).code, 1);
    });
  });
});

describe('the policy commands', () => {
  it('tell mistakes by line and column, on standard output, and answer 2', async () => {
    const file = write('wrong.yaml', 'version: 1\nrulez: []\nrules:\n  - { name: a, action: block }\n');
    const answer = await plimsoll(['policy', 'check', file]);
    assertPlain(answer);
    assert.equal(answer.code, 2);
    assert.match(answer.out, /^wrong\.yaml:2:1: error: "rulez" is not a key of a policy\n {2}hint: .*"rules"/m);
    assert.match(answer.out, /^wrong\.yaml:4:24: error: "block" is not a value of "action"\n {2}hint: .*deny/m);
    assert.match(answer.err, /^\d errors in wrong\.yaml\n$/);
  });

  it('start a policy that holds, and never replace one', async () => {
    const started = await plimsoll(['policy', 'init']);
    assert.equal(started.code, 0);
    const checked = await plimsoll(['policy', 'check']);
    assert.deepEqual([checked.code, checked.out], [0, 'plimsoll.yaml is a valid policy\n']);
    const before = readText('plimsoll.yaml');
    assertRefused(await plimsoll(['policy', 'init']), 2, /There is a plimsoll\.yaml in this folder already/);
    assert.equal(readText('plimsoll.yaml'), before);
    rmSync(join(workspace, 'plimsoll.yaml'));
  });

  it('print the default line, which says what holds without a file, and the schema that editors take', async () => {
    const shown = await plimsoll(['policy', 'show']);
    const same = await gate('oci:web', '--policy', write('default.yaml', shown.out), '-o', 'json');
    const without = await gate('oci:web', '-o', 'json');
    const rules = (text: string) => resultsIn(text)[0]?.verdict?.reasons.map(({ rule }) => rule);
    assert.deepEqual(rules(same.out), rules(without.out));
    const schema: { readonly $schema: string } = JSON.parse((await plimsoll(['policy', 'schema'])).out);
    assert.match(schema.$schema, /json-schema\.org/);
  });
});

describe('quickstart', () => {
  it('shows the whole flow on a folder, and decides nothing', async () => {
    await writeFiles(
      join(workspace, 'shop'),
      new Map([
        [
          'package-lock.json',
          Buffer.from('{"lockfileVersion":3,"packages":{"node_modules/minimist":{"version":"1.2.5"}}}'),
        ],
      ]),
    );
    const answer = await plimsoll(['quickstart', 'shop'], newHome());
    assertPlain(answer);
    assert.equal(answer.code, 0);
    assert.match(answer.out, /DENY[\s\S]*minimist 1\.2\.5[\s\S]*Three commands to try next/);
    assert.match(answer.err, /\[1\/4\][\s\S]*\[4\/4\]/);
    assert.match(readText('plimsoll-sbom.cdx.json'), /"minimist"/);
  });
});
