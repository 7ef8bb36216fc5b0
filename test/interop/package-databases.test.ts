/** Our readers of package databases against the tools that write them. Skipped where a tool is not installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dpkg } from '../../src/catalog/dpkg.ts';
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
`;

test('rpm lists the same packages, with the same sources and files', {
  skip: peer('rpm').skip || peer('rpmbuild').skip || peer('rpmdb').skip,
}, () => {
  inFolder((folder) => {
    const run = (command: string, ...args: readonly string[]) =>
      execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
    const database = ['--dbpath', join(folder, 'db'), '--define', '_db_backend sqlite'];
    writeFileSync(join(folder, 'sample.spec'), spec);
    run(
      'rpmbuild',
      '-bb',
      '--define',
      `_topdir ${folder}/build`,
      '--define',
      '_rpmdir .',
      '--define',
      '_rpmfilename %%{NAME}.rpm',
      'sample.spec',
    );
    run('rpmdb', '--initdb', ...database);
    run(
      'rpm',
      '-i',
      '--justdb',
      '--nodeps',
      '--nosignature',
      ...database,
      'plimsoll-sample.rpm',
      'plimsoll-sample-data.rpm',
    );
    const format = '[%{=NAME} %|EPOCH?{%{=EPOCH}:}|%{=VERSION}-%{=RELEASE} %{=ARCH} %{=SOURCERPM} %{FILENAMES}\n]';
    const listed = run('rpm', '-qa', ...database, '--qf', format);
    const { components, unread } = catalogFiles(rpm, {
      'var/lib/rpm/rpmdb.sqlite': readFileSync(join(folder, 'db/rpmdb.sqlite')),
    });
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
  });
});
