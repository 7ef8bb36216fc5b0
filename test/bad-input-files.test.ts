/** Files that are not what their names say: one of every kind that is read. They are reported, and all else is read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { elfFile } from '../src/catalog/binary/testing-binary.ts';
import { buildInfoPart, inlineBuildInfo } from '../src/catalog/go/testing-build-info.ts';
import { catalogers } from '../src/catalog/index.ts';
import { layoutOf } from '../src/image/testing-image.ts';
import { tarOf } from '../src/image/testing-tar.ts';
import {
  assertPlain,
  findingsIn,
  newHome,
  plimsoll,
  type Result,
  readText,
  resultsIn,
  workspace,
} from './command-line.ts';
import { application, base, sampleDatabase, sampleFindings, sampleImage, writeLayout } from './sample.ts';

let database = '';
before(async () => {
  database = await sampleDatabase();
});

type Files = Readonly<Record<string, string | Buffer>>;

const cut = '{"lockfileVersion": 3, "packages": {"node_modules/lodash": ';
const xmlCut = '<project><groupId>org.example</groupId';
const linux = { wide: true, bigEndian: false };
const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 73 + (index >> 3)) & 0xff));

/** By the name of the cataloger that wants them. */
const malformed: Readonly<Record<string, Files>> = {
  dpkg: { 'var/lib/dpkg/status.d/broken': 'Package: zlib1g\nVersion 1.2\n', 'var/lib/dpkg/status.d/noise': noise },
  apk: { 'lib/apk/db/installed': 'P:musl\nV:1.2\nthis is no field\n' },
  rpm: {
    'var/lib/rpm/rpmdb.sqlite': Buffer.concat([Buffer.from('SQLite format 3\0'), noise]),
    'usr/lib/sysimage/rpm/Packages.db': Buffer.concat([Buffer.from('RpmP'), noise]),
    'usr/lib/sysimage/rpm/Packages': noise,
    'var/lib/rpmmanifest/container-manifest-2': 'bash\n',
  },
  'node-modules': { 'opt/a/node_modules/broken/package.json': '{"name": "broken", "version": "1' },
  'package-lock': { 'opt/a/package-lock.json': cut, 'opt/b/npm-shrinkwrap.json': '[]' },
  'yarn-lock': {
    'opt/a/yarn.lock': 'left-pad@^1.0.0:\n  version "1.3.0\n',
    'opt/b/yarn.lock': '__metadata:\n  version: [',
  },
  'pnpm-lock': { 'opt/a/pnpm-lock.yaml': "lockfileVersion: '9.0'\npackages:\n  left-pad@1.3.0: {resolution: {" },
  'bun-lock': { 'opt/a/bun.lock': '{"lockfileVersion": 1, "packages": {', 'opt/b/bun.lockb': noise },
  'python-installed': {
    'usr/lib/python3/dist-packages/broken-1.0.dist-info/METADATA': noise,
    'usr/lib/python3/dist-packages/old.egg-info/PKG-INFO': 'Metadata-Version: 1.0\n',
  },
  'python-requirements': { 'opt/p/requirements.txt': noise },
  'pipfile-lock': { 'opt/p/Pipfile.lock': '{"default": {"requests": ' },
  'poetry-lock': { 'opt/p/poetry.lock': '[[package]]\nname = "requests"\nversion = ' },
  'uv-lock': { 'opt/p/uv.lock': 'version = 1\n[[package]\nname = "requests"' },
  pylock: { 'opt/p/pylock.toml': 'lock-version = "9.0"\n' },
  'java-archive': { 'opt/j/broken.jar': Buffer.concat([Buffer.from('PK\x03\x04'), noise]), 'opt/j/text.war': 'text' },
  'maven-pom': { 'opt/j/pom.xml': xmlCut },
  'gradle-lock': { 'opt/j/gradle.lockfile': 'org.example:app' },
  'go-binary': {
    'usr/bin/go-program': elfFile(linux, [
      buildInfoPart(inlineBuildInfo('go1.22.1', `path\texample.com/app\nmod\texample.com/app\nx`).subarray(0, 50)),
    ]),
  },
  'go-mod': { 'opt/g/go.mod': 'module example.com/app\nrequire (\n\texample.com/a v1' },
  'rust-auditable': { 'usr/bin/rust-program': elfFile(linux, [{ name: '.dep-v0', data: noise, address: 0x10000 }]) },
  'cargo-lock': { 'opt/r/Cargo.lock': 'version = 3\n[[package]]\nname = "serde' },
  gemspec: { 'var/lib/gems/3.1.0/specifications/broken-1.0.gemspec': 'Gem::Specification.new do |s|\n  s.name =' },
  'gemfile-lock': { 'opt/ruby/Gemfile.lock': 'GEM\n  specs:\n    rails (7.' },
  'composer-installed': {
    'opt/php/vendor/composer/installed.json': '{"packages": [{"name": "a/b"',
    'opt/php2/vendor/composer/installed.php': "<?php return array('versions' => array(",
  },
  'composer-lock': { 'opt/php/composer.lock': '{"packages": 1' },
  'dotnet-deps': { 'opt/net/app.deps.json': '{"libraries": {' },
  'nuget-lock': { 'opt/net/packages.lock.json': '[]' },
  'nuget-packages-config': { 'opt/net/packages.config': '<packages><package id="A"' },
  'dotnet-project': { 'opt/net/app.csproj': '<Project><ItemGroup>' },
};

/** They look for a few lines in files of common names, and can never say that one should have had them. */
const neverWrong = ['os-release', 'java-runtime', 'debian-php-autoloader'];

const allFiles: Files = Object.assign({}, ...Object.values(malformed));
const expected = Object.entries(malformed).flatMap(([cataloger, files]) =>
  Object.keys(files).map((path) => `${path} (${cataloger})`),
);

/** `path (cataloger)` of all that was not read, each with a reason that is a sentence. */
function unreadIn({ unknown }: Pick<Result, 'unknown'>): readonly string[] {
  return unknown.flatMap((one) => {
    if (one.kind !== 'unread-file') return [];
    assert.match(one.reason, /^\S[\s\S]{5,}/);
    assert.doesNotMatch(one.reason, /the reader failed|undefined|\[object/);
    return [`${one.path} (${one.cataloger})`];
  });
}

describe('malformed lock files and package databases', () => {
  it('are of every kind that is read', () => {
    assert.deepEqual([...Object.keys(malformed), ...neverWrong].sort(), catalogers.map(({ name }) => name).sort());
  });

  it('are reported as unread, and the rest of the image is scanned', async () => {
    const members = Object.entries(allFiles).map(([path, content]) => ({ path, content }));
    const layers = [base, application, tarOf(members)];
    const target = await writeLayout(layoutOf([{ image: sampleImage({ layers }) }]));
    const outputs = [
      '-o',
      'json',
      '-o',
      'cyclonedx-json=bad.cdx.json',
      '-o',
      'spdx-json=bad.spdx.json',
      '-o',
      'table=bad.txt',
    ];
    const answer = await plimsoll(['scan', target, '--db', database, ...outputs], newHome());
    assert.equal(answer.code, 0, answer.err);
    assertPlain(answer);
    const [result] = resultsIn(answer.out);
    assert.ok(result !== undefined);
    assert.deepEqual(findingsIn(result), sampleFindings);
    assert.deepEqual([...unreadIn(result)].sort(), [...expected].sort());
    assert.ok(result.unknown.every((one) => one.kind !== 'unread-file' || one.layer === 2));
    assert.match(readText('bad.txt'), new RegExp(`Not found out \\(${expected.length}\\)`));
    for (const sbom of ['sbom:bad.cdx.json', 'sbom:bad.spdx.json']) {
      const [again] = resultsIn((await plimsoll(['scan', sbom, '--db', database, '-o', 'json'])).out);
      assert.ok(again !== undefined);
      assert.deepEqual([...unreadIn(again)].sort(), [...expected].sort(), sbom);
      assert.deepEqual(findingsIn(again), sampleFindings);
    }
  });

  it('are reported in a folder too', async () => {
    writeTree('malformed', { ...base, ...application, ...allFiles });
    const answer = await plimsoll(['scan', 'dir:malformed', '--db', database, '-o', 'json']);
    assert.equal(answer.code, 0, answer.err);
    const [result] = resultsIn(answer.out);
    assert.ok(result !== undefined);
    assert.deepEqual(findingsIn(result), sampleFindings);
    assert.deepEqual([...unreadIn(result)].sort(), [...expected].sort());
  });

  for (const path of ['var/lib/dpkg/status', 'lib/apk/db/installed', 'var/lib/rpm/rpmdb.sqlite']) {
    it(`are denied at a gate when they are a package database: ${path}`, async () => {
      const image = sampleImage({ layers: [{ 'etc/os-release': base['etc/os-release'], [path]: 'no database\n' }] });
      const answer = await plimsoll(['gate', await writeLayout(layoutOf([{ image }])), '--db', database, '-o', 'json']);
      assert.equal(answer.code, 1);
      const verdict = resultsIn(answer.out)[0]?.verdict;
      assert.ok(
        verdict?.reasons.some(({ rule, action }) => action === 'deny' && rule === 'unknown.unread-package-database'),
      );
    });
  }

  it('fail --fail-on when they are a package database, and not otherwise', async () => {
    const clean = await writeLayout(
      layoutOf([{ image: sampleImage({ layers: [{ 'opt/a/yarn.lock': 'no lock file' }] }) }]),
    );
    assert.equal((await plimsoll(['scan', clean, '--db', database, '--fail-on', 'critical'])).code, 0);
    const hidden = await writeLayout(
      layoutOf([{ image: sampleImage({ layers: [{ 'var/lib/dpkg/status': 'none' }] }) }]),
    );
    assert.equal((await plimsoll(['scan', hidden, '--db', database, '--fail-on', 'critical'])).code, 1);
  });
});

function writeTree(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(workspace, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

describe('a folder', () => {
  it('with links in circles, pipes and odd names is read, without waiting and without leaving it', async () => {
    writeTree('odd', { ...base, ...application, [`line\nbreak/package-lock.json`]: '{' });
    writeTree('outside', { 'package-lock.json': application['srv/app/package-lock.json'] });
    const at = (path: string) => join(workspace, 'odd', path);
    symlinkSync('round', at('round'));
    symlinkSync('..', at('srv/up'));
    symlinkSync('../outside', at('elsewhere'));
    symlinkSync('../../outside/package-lock.json', at('srv/package-lock.json'));
    execFileSync('mkfifo', [at('yarn.lock')]);
    const named = Buffer.concat([Buffer.from(at('srv/caf')), Buffer.from([0xe9])]);
    mkdirSync(named);
    writeFileSync(Buffer.concat([named, Buffer.from('/package-lock.json')]), application['srv/app/package-lock.json']);
    const answer = await plimsoll(['scan', 'dir:odd', '--db', database, '-o', 'json', '-o', 'table=odd.txt']);
    assert.equal(answer.code, 0, answer.err);
    const [result] = resultsIn(answer.out);
    assert.ok(result !== undefined);
    assert.deepEqual(findingsIn(result), sampleFindings);
    assert.deepEqual(unreadIn(result), ['line\nbreak/package-lock.json (package-lock)']);
    const places = result.findings.flatMap(({ component }) => component.locations.map(({ path }) => path));
    assert.deepEqual(
      places.filter((path) => path?.endsWith('package-lock.json')),
      ['srv/app/package-lock.json', 'srv/caf\\xe9/package-lock.json'],
    );
    assert.doesNotMatch(readText('odd.txt'), /line\n/);
  });
});
