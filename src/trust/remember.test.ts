import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembering } from './remember.ts';
import { signImage } from './sign.ts';
import { imageNamed, memoryStore, testSigner } from './testing.ts';
import { answerTo, verifyImage } from './verify.ts';

const { seal, authority } = testSigner('release.pub');

test('what a digest names is asked for once; tags and what is attached each time', async () => {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'), 'v1');
  await signImage(store, digest, seal, { legacy: true });
  const remembered = remembering(store);
  const question = { signatures: true, attestations: [] };
  const ask = () => verifyImage(remembered, { digest }, [authority], question);
  await ask();
  store.asked.length = 0;
  const again = await ask();
  assert.equal(again.verified.length, 2);
  const hex = digest.slice('sha256:'.length);
  assert.deepEqual(store.asked.sort(), [
    `manifest sha256-${hex}.att`,
    `manifest sha256-${hex}.sig`,
    `referrers ${digest}`,
  ]);

  // What is gone or new is noticed at once, and a tag is never what it was.
  store.tags.clear();
  const other = await store.push(imageNamed('evil'), 'v1');
  assert.equal((await ask()).verified.length, 1);
  assert.equal((await remembered.manifest('v1'))?.digest, other.digest);
  const verification = await verifyImage(remembered, { digest: other.digest }, [authority], question);
  assert.equal(answerTo(verification, { kind: 'signature' }).kind, 'not-verified');
});

test('the sizes that a descriptor and its reader name hold for what is remembered', async () => {
  const store = memoryStore();
  const blob = await store.putBlob(Buffer.from('12345'));
  const remembered = remembering(store);
  await remembered.blob(blob, 5);
  await assert.rejects(remembered.blob(blob, 4), { code: 'image/blob-too-large' });
  await assert.rejects(remembered.blob({ ...blob, size: 4 }, 5), { code: 'image/length-mismatch' });
});

test('no more is kept than it may be, and what was used last stays', async () => {
  const store = memoryStore();
  const remembered = remembering(store, 10);
  const [a, b, c, huge] = await Promise.all(
    ['aaaaa', 'bbbb', 'ccccc', 'x'.repeat(11)].map((text) => store.putBlob(Buffer.from(text))),
  );
  assert.ok(a && b && c && huge);
  for (const blob of [a, b, a, c, huge]) await remembered.blob(blob, 100);
  store.asked.length = 0;
  for (const blob of [a, c, huge, b]) await remembered.blob(blob, 100);
  assert.deepEqual(store.asked, [`blob ${huge.digest}`, `blob ${b.digest}`]);
});
