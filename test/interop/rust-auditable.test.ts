/** Our reader of Rust programs against the Rust compiler and its linker. Skipped where Rust is not installed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { rustAuditable } from '../../src/catalog/rust/auditable.ts';
import { catalogFiles } from '../../src/catalog/testing.ts';
import { optionalPeer } from './peer.ts';

const list = {
  packages: [
    { name: 'app', version: '0.1.0', source: 'local', dependencies: [1], root: true },
    { name: 'libc', version: '0.2.80', source: 'crates.io' },
  ],
};

const program = `
#[used]
#[link_section = ".dep-v0"]
static LIST: [u8; include_bytes!("list").len()] = *include_bytes!("list");
fn main() {}
`;

test('the list of crates is found where the linker put it', { skip: optionalPeer('rustc').skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-interop-'));
  try {
    writeFileSync(join(folder, 'list'), deflateSync(JSON.stringify(list)));
    writeFileSync(join(folder, 'app.rs'), program);
    for (const options of [[], ['-C', 'strip=symbols', '-C', 'opt-level=s']]) {
      execFileSync('rustc', ['--edition', '2021', ...options, '-o', 'app', 'app.rs'], { cwd: folder });
      const files = { 'usr/bin/app': readFileSync(join(folder, 'app')) };
      const { components, unread } = catalogFiles(rustAuditable, files, { binaries: true });
      assert.deepEqual(unread, []);
      assert.deepEqual(
        components.map(({ id, dependsOn }) => [id, dependsOn]),
        [
          ['pkg:cargo/app@0.1.0', ['pkg:cargo/libc@0.2.80']],
          ['pkg:cargo/libc@0.2.80', []],
        ],
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
