import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startTuf } from './testing-tuf.ts';
import { fetchTrustedRoot } from './trusted-root-tuf.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let caches = 0;

function placeFor(root: string) {
  const rootFile = join(folder, `root-${++caches}.json`);
  writeFileSync(rootFile, root);
  return { cacheFolder: join(folder, `cache-${caches}`), rootFile };
}

test('a trusted root is fetched, and a newer one the next time', async () => {
  await using tuf = await startTuf('{"first":1}');
  const options = { ...placeFor(tuf.root), mirror: tuf.url };
  const first = await fetchTrustedRoot(options);
  assert.deepEqual([first.content.toString(), first.offline], ['{"first":1}', undefined]);
  tuf.publish('{"second":2}', new Date(Date.now() + 86_400_000));
  assert.equal((await fetchTrustedRoot(options)).content.toString(), '{"second":2}');
});

test('offline, what was fetched counts until its metadata expires, and its age is told', async () => {
  const tuf = await startTuf('{"first":1}', new Date(Date.now() + 4_000));
  const options = { ...placeFor(tuf.root), mirror: tuf.url };
  try {
    await fetchTrustedRoot(options);
  } finally {
    await tuf[Symbol.asyncDispose]();
  }
  const kept = await fetchTrustedRoot(options);
  assert.equal(kept.content.toString(), '{"first":1}');
  assert.ok(kept.offline !== undefined && Math.abs(kept.offline.since.getTime() - Date.now()) < 60_000);
  await new Promise((resolve) => setTimeout(resolve, 4_100));
  await assert.rejects(fetchTrustedRoot(options), { code: 'trust/tuf', kind: 'unavailable' });
});

test('what is not signed, was exchanged, has expired or goes back is refused', async () => {
  const rows: readonly (readonly [string, (tuf: Awaited<ReturnType<typeof startTuf>>) => void])[] = [
    ['another target', ({ files }) => void files.set('/targets/trusted_root.json', '{"evil":1}')],
    [
      'changed metadata',
      ({ files }) =>
        void files.set('/targets.json', `${files.get('/targets.json')}`.replace('"length":', '"length":1')),
    ],
    ['expired metadata', (tuf) => tuf.publish('{"first":1}', new Date(Date.now() - 1000))],
    ['no metadata', ({ files }) => files.clear()],
  ];
  for (const [name, change] of rows) {
    await using tuf = await startTuf('{"first":1}');
    const options = { ...placeFor(tuf.root), mirror: tuf.url };
    change(tuf);
    await assert.rejects(fetchTrustedRoot(options), { code: 'trust/tuf' }, name);
  }
  await using tuf = await startTuf('{"first":1}');
  await using other = await startTuf('{"other":1}');
  const strange = { ...placeFor(other.root), mirror: tuf.url };
  await assert.rejects(fetchTrustedRoot(strange), { code: 'trust/tuf' });
});

test('a repository whose root is not given, and addresses without TLS, are refused', async () => {
  const options = { cacheFolder: join(folder, 'none') };
  await assert.rejects(fetchTrustedRoot({ ...options, mirror: 'http://127.0.0.1:9' }), { code: 'trust/tuf' });
  await assert.rejects(fetchTrustedRoot({ ...options, mirror: 'http://tuf.example' }), { code: 'trust/service-url' });
  const missing = { ...options, mirror: 'http://127.0.0.1:9', rootFile: join(folder, 'missing.json') };
  await assert.rejects(fetchTrustedRoot(missing), { code: 'trust/tuf' });
});
