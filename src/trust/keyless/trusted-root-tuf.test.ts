import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../limits.ts';
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

const files = ['/2.root.json', '/timestamp.json', '/snapshot.json', '/targets.json', '/targets/trusted_root.json'];

test('a file without end is given up before it takes room, and its connection is closed', async () => {
  for (const file of files) {
    await using tuf = await startTuf('{"first":1}');
    const sent = { bytes: 0, ended: false };
    tuf.files.set(file, endless(sent));
    const fetched = fetchTrustedRoot({ ...placeFor(tuf.root), mirror: tuf.url });
    await assert.rejects(fetched, { code: 'trust/tuf', kind: 'unavailable', message: /too long/ }, file);
    while (!sent.ended) await pause(10);
    // The buffers of the connection take some megabytes that nobody reads.
    assert.ok(sent.bytes < limits.trustedRootBytes + 64 * MiB, `${file}: ${sent.bytes} bytes were sent`);
  }
});

const MiB = 1024 * 1024;

function* endless(sent: { bytes: number; ended: boolean }) {
  try {
    for (; ; sent.bytes += 16 * 1024) yield Buffer.alloc(16 * 1024, ' ');
  } finally {
    sent.ended = true;
  }
}

test('a file that trickles is not waited for without end', async (t) => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  t.mock.method(AbortSignal, 'timeout', (ms: number) => timeout(ms / 100));
  await using tuf = await startTuf('{"first":1}');
  tuf.files.set('/timestamp.json', trickle());
  const fetched = fetchTrustedRoot({ ...placeFor(tuf.root), mirror: tuf.url });
  await assert.rejects(fetched, { code: 'trust/tuf', message: /timeout/ });
});

async function* trickle() {
  for (;;) {
    yield Buffer.from(' ');
    await pause(20);
  }
}
