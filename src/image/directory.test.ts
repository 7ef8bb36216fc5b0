import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { walkDirectory } from './directory.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-walk-'));
after(() => rmSync(root, { recursive: true, force: true }));

function walk(folder: string): { seen: string[]; unread: string[]; text: Map<string, string> } {
  const seen: string[] = [];
  const unread: string[] = [];
  const text = new Map<string, string>();
  walkDirectory(
    folder,
    ({ kind, path, target }) => {
      seen.push(`${kind} ${path}${target === undefined ? '' : ` > ${target}`}`);
      if (kind !== 'file') return undefined;
      const pieces: Buffer[] = [];
      return {
        write: (piece) => pieces.push(piece) > 0,
        end: () => {
          text.set(path, Buffer.concat(pieces).toString());
        },
      };
    },
    (path) => unread.push(path),
  );
  return { seen, unread, text };
}

describe('walkDirectory', () => {
  it('lists files, folders and links in order, reads files whole, and follows no link', () => {
    mkdirSync(join(root, 'one/b/c'), { recursive: true });
    writeFileSync(join(root, 'one/b/c/large'), 'z'.repeat(600_000));
    writeFileSync(join(root, 'one/a'), 'text');
    symlinkSync('..', join(root, 'one/b/up'));
    mkdirSync(join(root, 'one/.git'));
    writeFileSync(join(root, 'one/.git/config'), '');
    execFileSync('mkfifo', [join(root, 'one/pipe')]);
    const { seen, text, unread } = walk(join(root, 'one'));
    assert.deepEqual(seen, [
      'file a',
      'directory b',
      'other pipe',
      'directory b/c',
      'symlink b/up > ..',
      'file b/c/large',
    ]);
    assert.equal(text.get('b/c/large')?.length, 600_000);
    assert.equal(text.get('a'), 'text');
    assert.deepEqual(unread, []);
  });

  it('reports what it may not read, and goes on', {
    skip: process.getuid?.() === 0 && 'root may read everything',
  }, () => {
    mkdirSync(join(root, 'two/closed'), { recursive: true });
    writeFileSync(join(root, 'two/open'), 'x');
    chmodSync(join(root, 'two/closed'), 0);
    const { text, unread } = walk(join(root, 'two'));
    assert.deepEqual(unread, ['closed']);
    assert.equal(text.get('open'), 'x');
  });

  it('reads what has a name that is not UTF-8, and keeps such names apart', () => {
    const folder = Buffer.from(join(root, 'three/caf\xe9'), 'latin1');
    mkdirSync(folder, { recursive: true });
    writeFileSync(Buffer.concat([folder, Buffer.from('/\xff', 'latin1')]), 'one');
    writeFileSync(Buffer.concat([folder, Buffer.from('/\xfe', 'latin1')]), 'two');
    writeFileSync(join(root, 'three/\u00e9'), 'three');
    symlinkSync(Buffer.from('caf\xe9/\xff', 'latin1'), join(root, 'three/link'));
    const { seen, text, unread } = walk(join(root, 'three'));
    assert.deepEqual(seen, [
      'directory caf\\xe9',
      'symlink link > caf\\xe9/\\xff',
      'file \u00e9',
      'file caf\\xe9/\\xfe',
      'file caf\\xe9/\\xff',
    ]);
    assert.deepEqual(Object.fromEntries(text), { '\u00e9': 'three', 'caf\\xe9/\\xfe': 'two', 'caf\\xe9/\\xff': 'one' });
    assert.deepEqual(unread, []);
  });

  it('refuses a folder that is not there', () => {
    assert.throws(() => walk(join(root, 'none')), { code: 'image/unreadable-folder' });
  });
});
