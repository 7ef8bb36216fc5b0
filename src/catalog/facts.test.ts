import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../limits.ts';
import { catalogers } from './catalogers.ts';
import { collectFacts } from './facts.ts';

/** What a collector makes of one file that is claimed to have `size` bytes, of which the first are given. */
function offered(path: string, size: number, start: Buffer) {
  const collector = collectFacts(catalogers);
  const sink = collector.onEntry({ path, kind: 'file', size, sparse: false });
  return { wantsMore: sink?.write(start), unread: collector.facts().unread };
}

describe('a file that is larger than its reader takes', () => {
  const elf = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(4096)]);
  const cases: readonly (readonly [path: string, start: Buffer, most: number])[] = [
    ['srv/app.jar', Buffer.alloc(4096), limits.binaryBytes],
    ['srv/yarn.lock', Buffer.alloc(4096), limits.fileBytes],
    ['usr/bin/tool', elf, limits.binaryBytes],
  ];
  for (const [path, start, most] of cases) {
    it(`is refused by what its header claims, before its bytes are held: ${path}`, () => {
      const { wantsMore, unread } = offered(path, most + 1, start);
      assert.equal(wantsMore, false);
      assert.deepEqual(
        [...new Set(unread.map(({ path, reason }) => `${path}: ${reason}`))],
        [`${path}: it is larger than ${most} bytes`],
      );
      assert.deepEqual(offered(path, most, start), { wantsMore: true, unread: [] });
    });
  }

  it('is passed over where nothing reads it', () => {
    assert.deepEqual(offered('var/log/huge', 10e9, Buffer.alloc(4096)), { wantsMore: false, unread: [] });
  });
});
