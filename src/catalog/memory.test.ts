import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Facts } from './facts.ts';
import { layerMemory, layerMemoryFolder } from './memory.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-memory-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const facts = (entries: string): Facts => ({
  listing: { hiding: [], entries, targets: [] },
  fragments: [],
  unread: [],
  size: 0,
});
const freshFolder = () => join(root, `folder-${folders++}`, 'layers');

describe('layerMemory', () => {
  it('recalls what it was given under the same key, and nothing under another', () => {
    const memory = layerMemory(freshFolder());
    assert.equal(memory.recall('one'), undefined);
    const entries = 'one, ä, 名, 😀, \ud800';
    memory.remember('one', facts(entries));
    assert.deepEqual(memory.recall('one'), facts(entries));
    assert.equal(memory.recall('two'), undefined);
  });

  it('takes a damaged or truncated file for a forgotten one', () => {
    const folder = freshFolder();
    const memory = layerMemory(folder);
    memory.remember('one', facts('x'.repeat(5000)));
    const file = join(folder, readdirSync(folder)[0] ?? '');
    const whole = readFileSync(file);
    for (const damage of [whole.subarray(0, 40), Buffer.from(whole).fill(1, 34, 36), Buffer.alloc(0)]) {
      writeFileSync(file, damage);
      assert.equal(memory.recall('one'), undefined);
    }
    truncateSync(file, 0);
    memory.remember('one', facts('again'));
    assert.deepEqual(memory.recall('one'), facts('again'));
  });

  it('forgets what was not used for longest when it is over its bound, and clears what dead processes left', () => {
    const folder = freshFolder();
    const memory = layerMemory(folder, 500);
    for (const key of ['a', 'b', 'c']) {
      memory.remember(key, facts(createHash('sha512').update(key).digest('base64url')));
      for (const name of readdirSync(folder)) utimesSync(join(folder, name), new Date(1e9), new Date(1e9));
    }
    writeFileSync(join(folder, 'dead.tmp'), '');
    utimesSync(join(folder, 'dead.tmp'), new Date(1e9), new Date(1e9));
    assert.notEqual(memory.recall('b'), undefined, 'used just now');
    memory.prune();
    assert.notEqual(memory.recall('b'), undefined);
    assert.equal(['a', 'c'].filter((key) => memory.recall(key) !== undefined).length, 1);
    assert.ok(!readdirSync(folder).includes('dead.tmp'));
  });

  it('works without a folder that can be written', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const memory = layerMemory(join(file, 'layers'));
    memory.remember('one', facts('x'));
    assert.equal(memory.recall('one'), undefined);
    memory.prune();
  });

  it('stands where XDG says, if it says something absolute', () => {
    assert.equal(layerMemoryFolder({ XDG_CACHE_HOME: '/cache' }), '/cache/plimsoll/layers');
    assert.match(layerMemoryFolder({ XDG_CACHE_HOME: 'cache' }), /\/\.cache\/plimsoll\/layers$/);
    assert.match(layerMemoryFolder({}), /\/\.cache\/plimsoll\/layers$/);
  });
});
