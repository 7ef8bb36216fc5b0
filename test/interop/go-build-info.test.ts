/** Our reader of Go programs against `go version -m`. Skipped where Go is not installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { goBinary } from '../../src/catalog/go/binary.ts';
import { catalogFiles } from '../../src/catalog/testing.ts';
import { peer } from './peer.ts';

const { skip } = peer('go');

/** Vendored, so that nothing is fetched: the versions come from modules.txt. */
const project = {
  'go.mod': `module example.com/app

go 1.20

require (
	example.com/plain v1.2.3
	example.com/replaced v0.1.0
	example.com/folder v0.0.0
)

replace example.com/replaced => example.com/fork v0.2.0-rc.1

replace example.com/folder => ./folder
`,
  'vendor/modules.txt': `# example.com/folder v0.0.0 => ./folder
## explicit; go 1.20
example.com/folder
# example.com/plain v1.2.3
## explicit
example.com/plain
# example.com/replaced v0.1.0 => example.com/fork v0.2.0-rc.1
## explicit
example.com/replaced
# example.com/folder => ./folder
# example.com/replaced => example.com/fork v0.2.0-rc.1
`,
  'folder/go.mod': 'module example.com/folder\n\ngo 1.20\n',
  'folder/folder.go': 'package folder\n\nconst A = 1\n',
  'vendor/example.com/folder/folder.go': 'package folder\n\nconst A = 1\n',
  'vendor/example.com/plain/plain.go': 'package plain\n\nconst A = 1\n',
  'vendor/example.com/replaced/replaced.go': 'package replaced\n\nconst A = 1\n',
  'main.go': `package main

import (
	"example.com/folder"
	"example.com/plain"
	"example.com/replaced"
)

func main() { println(folder.A + plain.A + replaced.A) }
`,
};

describe('go version -m and Plimsoll list the same modules', { skip }, () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-interop-'));
    for (const [path, text] of Object.entries(project)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const target of ['linux/amd64', 'linux/s390x', 'linux/386', 'windows/amd64', 'darwin/arm64']) {
    it(`of a program for ${target}`, () => {
      const [GOOS, GOARCH] = target.split('/');
      const program = join(folder, 'app.bin');
      const env = { ...process.env, GOOS, GOARCH, CGO_ENABLED: '0', GOFLAGS: '-mod=vendor', GOTOOLCHAIN: 'local' };
      execFileSync('go', ['build', '-o', program, '.'], { cwd: folder, env });
      const listed = execFileSync('go', ['version', '-m', program], { encoding: 'utf8' });
      const { components, unread } = catalogFiles(goBinary, { 'app.bin': readFileSync(program) }, { binaries: true });
      assert.deepEqual(unread, []);
      assert.deepEqual(
        components.map(({ name, version }) => [name, version]),
        [['stdlib', /: go(\d+(?:\.\d+)*)/.exec(listed)?.[1]], ...modulesIn(listed)],
      );
    });
  }
});

function modulesIn(listed: string): (readonly [string, string | undefined])[] {
  const modules: (readonly [string, string | undefined])[] = [];
  for (const line of listed.split('\n')) {
    const [word, name = '', version] = line.trim().split('\t');
    if (word === 'mod' || word === 'dep') modules.push([name, version === '(devel)' ? undefined : version]);
    if (word !== '=>') continue;
    const replaced = modules.pop();
    modules.push(name.startsWith('./') ? [replaced?.[0] ?? '', undefined] : [name, version]);
  }
  return modules;
}
