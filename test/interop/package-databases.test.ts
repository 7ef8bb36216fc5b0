/** Our readers of package databases against the tools that write them. Skipped where a tool is not installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dpkg } from '../../src/catalog/dpkg.ts';
import { sqliteHeaders } from '../../src/catalog/rpm/sqlite.ts';
import { rpm } from '../../src/catalog/rpm.ts';
import { catalogFiles } from '../../src/catalog/testing.ts';
import { peer } from './peer.ts';

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-interop-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const status = `Package: libssl3
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: openssl (3.0.11-1~deb12u2)
Version: 3.0.11-1~deb12u2+b1
Maintainer: A <a@example.org>
Description: one
 and more

Package: bash
Status: hold ok installed
Architecture: amd64
Version: 1:5.2
Maintainer: A <a@example.org>
Description: two

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
Maintainer: A <a@example.org>
Conffiles:
 /etc/gone 0123456789abcdef0123456789abcdef
Description: three

Package: tool
Status: install ok installed
Architecture: all
Source: tools
Version: 2-1
Maintainer: A <a@example.org>
Description: four
`;

test('dpkg-query lists the same installed packages, with the same sources', { skip: peer('dpkg-query').skip }, () => {
  inFolder((folder) => {
    mkdirSync(join(folder, 'info'));
    mkdirSync(join(folder, 'updates'));
    writeFileSync(join(folder, 'status'), status);
    const fields = ['db:Status-Status', 'Package', 'Version', 'Architecture', 'source:Package', 'source:Version'];
    const format = `${fields.map((field) => `\${${field}}`).join(' ')}\n`;
    const listed = execFileSync('dpkg-query', [`--admindir=${folder}`, '-W', '-f', format], { encoding: 'utf8' });
    const { components } = catalogFiles(dpkg, { 'var/lib/dpkg/status': status });
    assert.deepEqual(
      components
        .map(
          ({ name, version, architecture, source }) =>
            `installed ${name} ${version} ${architecture} ${source?.name} ${source?.version}`,
        )
        .sort(),
      listed
        .split('\n')
        .filter((line) => line.startsWith('installed '))
        .sort(),
    );
  });
});

const spec = `Name: plimsoll-sample
Epoch: 2
Version: 1.2.3
Release: 4
Summary: A sample
License: GPLv2+ and MIT
URL: https://example.org/
Vendor: Example
BuildArch: noarch
Requires: plimsoll-sample-data
Provides: sample(one)
%description
A sample.
%install
mkdir -p %{buildroot}/usr/share/sample/folder
echo 1 > %{buildroot}/usr/share/sample/one
echo 2 > "%{buildroot}/usr/share/sample/folder/zwölf ü.txt"
for i in $(seq 1 500); do echo > %{buildroot}/usr/share/sample/folder/a-file-with-a-name-$i; done
%files
/usr/share/sample/one
%package data
Summary: Its data
License: ASL 2.0
Requires: sample(one)
Requires: /usr/share/sample/one
%description data
Its data.
%files data
/usr/share/sample/folder
%package gone
Summary: Is removed
License: MIT
%description gone
Is removed.
%files gone
`;

/** Makes the packages of `spec` and a database of them; of one that is taken away again the freed places stay in it. */
function rpmDatabase(folder: string): Run {
  const run: Run = (command, ...args) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  const database = databaseOptions(folder, 'sqlite');
  writeFileSync(join(folder, 'sample.spec'), spec);
  const options = [`_topdir ${folder}/build`, '_rpmdir .', '_rpmfilename %%{NAME}.rpm'];
  run('rpmbuild', '-bb', ...options.flatMap((option) => ['--define', option]), 'sample.spec');
  run('rpmdb', '--initdb', ...database);
  const install = ['-i', '--justdb', '--nodeps', '--nosignature', ...database];
  run('rpm', ...install, 'plimsoll-sample-gone.rpm');
  run('rpm', ...install, 'plimsoll-sample.rpm', 'plimsoll-sample-data.rpm');
  run('rpm', '-e', '--justdb', '--nodeps', ...database, 'plimsoll-sample-gone');
  return run;
}

type Run = (command: string, ...args: readonly string[]) => string;

function databaseOptions(folder: string, backend: string): readonly string[] {
  return ['--dbpath', join(folder, 'db'), '--define', `_db_backend ${backend}`];
}

function assertSamePackages(run: Run, folder: string, backend: string, file: string): void {
  const format = '[%{=NAME} %|EPOCH?{%{=EPOCH}:}|%{=VERSION}-%{=RELEASE} %{=ARCH} %{=SOURCERPM} %{FILENAMES}\n]';
  const listed = run('rpm', '-qa', ...databaseOptions(folder, backend), '--qf', format);
  const { components, unread } = catalogFiles(rpm, { [`var/lib/rpm/${file}`]: readFileSync(join(folder, 'db', file)) });
  assert.deepEqual(unread, []);
  assert.deepEqual(
    components
      .flatMap(({ name, version, architecture, source, owns = [] }) =>
        owns.map((path) => `${name} ${version} ${architecture} ${source?.name}-${source?.version}.src.rpm /${path}`),
      )
      .sort(),
    listed.trim().split('\n').sort(),
  );
  const [first, second] = components;
  assert.deepEqual([first?.dependsOn, second?.dependsOn], [[second?.id], [first?.id]]);
}

const rpmTools = peer('rpm').skip || peer('rpmbuild').skip || peer('rpmdb').skip;

test('rpm lists the same packages of its SQLite database, with the same sources and files', { skip: rpmTools }, () => {
  inFolder((folder) => assertSamePackages(rpmDatabase(folder), folder, 'sqlite', 'rpmdb.sqlite'));
});

test('rpm lists the same packages of a Berkeley DB, with the same sources and files', {
  skip: rpmTools || peer('db5.3_load').skip,
}, () => {
  inFolder((folder) => {
    const run = rpmDatabase(folder);
    // rpm reads this form still, but does not write it any more: Berkeley DB's own tool does.
    const pairs = [...sqliteHeaders(readFileSync(join(folder, 'db/rpmdb.sqlite')))].flatMap((header, index) => [
      ` ${Buffer.of(index + 1, 0, 0, 0).toString('hex')}`,
      ` ${header.toString('hex')}`,
    ]);
    for (const [byteOrder, pageSize] of [
      [1234, 4096],
      [4321, 512],
    ]) {
      const head = ['VERSION=3', 'format=bytevalue', 'type=hash', `db_lorder=${byteOrder}`, `db_pagesize=${pageSize}`];
      const dump = [...head, 'HEADER=END', ' 00000000', ' 03000000', ...pairs, 'DATA=END'];
      writeFileSync(join(folder, 'dump'), `${dump.join('\n')}\n`);
      rmSync(join(folder, 'db/Packages'), { force: true });
      run('db5.3_load', '-f', 'dump', 'db/Packages');
      assertSamePackages(run, folder, 'bdb_ro', 'Packages');
    }
  });
});
