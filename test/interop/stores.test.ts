/** Images, and what is attached to them, stored where skopeo and the distribution project's registry read them. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyImage, type OpenedStore, openStore, parseTarget, saveImage } from '../../src/image/index.ts';
import { json, layoutOf, type TestImage, testImage, testIndex, writeFiles } from '../../src/image/testing-image.ts';
import { startDistribution } from './distribution.ts';
import { peer } from './peer.ts';

const skopeo = peer('skopeo');
const registry = peer('docker-registry');

const root = mkdtempSync(join(tmpdir(), 'plimsoll-interop-'));
after(() => rmSync(root, { recursive: true, force: true }));

const index = testIndex(
  ['amd64', 'arm64'].map((architecture) => {
    const platform = { os: 'linux', architecture };
    return { platform, image: testImage({ platform, layers: [{ arch: architecture }] }) };
  }),
);
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

async function open(name: string, env: NodeJS.ProcessEnv = { HOME: root }): Promise<OpenedStore> {
  return openStore(await parseTarget(name), { env, create: true });
}

async function call(...parameters: readonly string[]): Promise<string> {
  assert.ok(skopeo.path !== undefined);
  return (await promisify(execFile)(skopeo.path, parameters, { cwd: root })).stdout;
}

const copy = (...parameters: readonly string[]) => call('--insecure-policy', 'copy', '--quiet', '--all', ...parameters);

function note(subject: TestImage, config: { digest: string; size: number }, text: string): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: 'application/vnd.example.note',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.empty.v1+json', ...config }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
    annotations: { text },
  });
}

async function textsOn({ store }: OpenedStore, { digest }: TestImage): Promise<readonly (string | undefined)[]> {
  return (await store.referrers(digest)).map(({ annotations }) => annotations?.['text']).sort();
}

test('an image goes with all that is attached to it from a layout to a registry, on to another repository and into an archive, and skopeo reads it everywhere', {
  skip: skopeo.skip || registry.skip,
}, async () => {
  await writeFiles(join(root, 'source'), layoutOf([{ image: index, name: 'app:1' }]));
  await using server = await startDistribution(registry, join(root, 'one'), { user: true });
  const { host } = server;
  const file = join(root, 'auth.json');
  writeFileSync(file, JSON.stringify({ auths: { [host]: { auth: Buffer.from('user:pass').toString('base64') } } }));
  const env = { HOME: root, REGISTRY_AUTH_FILE: file };
  const source = await open(`oci:${join(root, 'source')}:app:1`);
  const config = await source.store.putBlob(Buffer.from('{}'));
  await source.store.attach(index, note(index, config, 'one'), manifestType);

  const first = await open(`registry:${host}/team/app:1`, env);
  await copyImage(source.store, await source.image(), first.store, { tag: '1' });
  const second = await open(`registry:${host}/prod/app:1`, env);
  await copyImage(first.store, await first.image(), second.store, { tag: '1' });
  assert.equal((await second.image()).digest, index.digest);
  assert.deepEqual(await textsOn(second, index), ['one']);

  const credentials = ['--tls-verify=false', '--creds', 'user:pass'];
  const listed = await call(
    'inspect',
    '--raw',
    ...credentials,
    `docker://${host}/prod/app:${index.digest.replace(':', '-')}`,
  );
  assert.equal(JSON.parse(listed).manifests.length, 1);
  await copy('--src-tls-verify=false', '--src-creds', 'user:pass', `docker://${host}/prod/app:1`, 'oci:pulled:app:1');
  const pulled = await open(`oci:${join(root, 'pulled')}:app:1`);
  assert.equal((await pulled.image()).digest, index.digest);

  await saveImage(second.store, await second.image(), join(root, 'saved.tar'), { tag: 'app:1' });
  await copy('oci-archive:saved.tar:app:1', 'oci:unpacked:app:1');
  assert.equal((await (await open(`oci:${join(root, 'unpacked')}:app:1`)).image()).digest, index.digest);
  const saved = await open(`oci-archive:${join(root, 'saved.tar')}:app:1`);
  const third = await open(`registry:${host}/third/app:1`, env);
  await copyImage(saved.store, await saved.image(), third.store, { tag: '1' });
  await saved.close();
  assert.deepEqual(await textsOn(third, index), ['one']);

  // What skopeo adds to a layout of ours leaves what is attached there.
  await copy('oci:pulled:app:1', 'oci:source:app:2');
  assert.deepEqual(await textsOn(await open(`oci:${join(root, 'source')}:app:2`), index), ['one']);
});

test('two processes that attach at once to an image in a registry without the referrers API lose nothing', {
  skip: registry.skip,
}, async () => {
  await using server = await startDistribution(registry, join(root, 'two'));
  const [image] = index.manifests;
  assert.ok(image !== undefined);
  await writeFiles(join(root, 'image'), layoutOf([{ image, name: 'app:1' }]));
  const source = await open(`oci:${join(root, 'image')}:app:1`);
  const name = `registry:${server.host}/team/app:1`;
  const target = await open(name);
  await copyImage(source.store, await source.image(), target.store, { tag: '1' });
  const config = await target.store.putBlob(Buffer.from('{}'));
  const program = `
    import { openStore, parseTarget } from ${JSON.stringify(fileURLToPath(new URL('../../src/image/index.ts', import.meta.url)))};
    const [name, subject, ...notes] = process.argv.slice(1);
    const { store } = await openStore(await parseTarget(name), { env: { HOME: '/nonexistent' } });
    for (const note of notes) await store.attach({ digest: subject }, Buffer.from(note), '${manifestType}');`;
  const texts = ['a', 'b'].map((word) => ['1', '2', '3'].map((number) => word + number));
  const codes = await Promise.all(
    texts.map((own) => {
      const notes = own.map((text) => note(image, config, text).toString());
      const parameters = ['--input-type=module', '-e', program, name, image.digest, ...notes];
      const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
      return new Promise((resolve) => child.on('close', resolve));
    }),
  );
  assert.deepEqual(codes, [0, 0]);
  assert.deepEqual(await textsOn(target, image), texts.flat());
});
