/** Images in tar archives: OCI layouts and `docker save`, plain, compressed and from standard input. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { sha256Of } from './digest.ts';
import { openImage } from './image.ts';
import { parseTarget } from './target.ts';
import { json, layerTar, layoutOf, tarOfFiles, testImage } from './testing-image.ts';
import { layerBytes } from './testing-pull.ts';
import { type TarMember, tarOf } from './testing-tar.ts';

let root = '';
const { TMPDIR } = process.env;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  process.env['TMPDIR'] = root;
});
after(async () => {
  process.env['TMPDIR'] = TMPDIR ?? '/tmp';
  await rm(root, { recursive: true, force: true });
});

let files = 0;
async function write(bytes: Buffer): Promise<string> {
  const path = join(root, `file${files++}.tar`);
  await writeFile(path, bytes);
  return path;
}

async function open(text: string, stdin?: Readable) {
  const target = await parseTarget(text);
  assert.ok(target.kind === 'oci-archive' || target.kind === 'docker-archive');
  return openImage(target, { env: {}, stdin });
}

const spools = async () => (await readdir(root)).filter((name) => name.startsWith('plimsoll-')).length;

const image = testImage();
const layout = layoutOf([{ image, name: 'web:1' }]);

/** What `docker save` wrote before it wrote layouts. */
function savedImage(
  options: { readonly tags?: readonly string[]; readonly layers?: readonly string[]; readonly salt?: string } = {},
) {
  const tars = ['a', 'b'].map((name) => layerTar({ [name]: options.salt ?? '' }));
  const config = json({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: tars.map(sha256Of) },
    history: [{ created_by: 'RUN /bin/sh -c one # buildkit' }, { created_by: '/bin/sh -c two' }],
  });
  const configName = `${sha256Of(config).slice(7)}.json`;
  const layers = options.layers ?? tars.map((tar) => `${sha256Of(tar).slice(7)}/layer.tar`);
  const entry = { Config: configName, RepoTags: options.tags ?? ['web:1'], Layers: layers };
  const members: TarMember[] = [
    ...tars.map((content, index) => ({ path: layers[index] ?? '', content })),
    { path: configName, content: config },
  ];
  return { entry, members, tars, digest: sha256Of(config) };
}

function saved(...images: readonly ReturnType<typeof savedImage>[]): TarMember[] {
  return [
    ...images.flatMap(({ members }) => members),
    { path: 'manifest.json', content: json(images.map(({ entry }) => entry)) },
  ];
}

test('a layout in a tar file is read in place; compressed, or from standard input, out of a temporary file that goes away', async () => {
  const tar = tarOfFiles(layout);
  const forms: [string, Readable | undefined, number][] = [
    [`oci-archive:${await write(tar)}`, undefined, 0],
    [`oci-archive:${await write(gzipSync(tar))}:web:1`, undefined, 1],
    [`oci-archive:${await write(zstdCompressSync(tar))}:1`, undefined, 1],
    [
      `oci-archive:${await write(Buffer.concat([zstdCompressSync(tar.subarray(0, 999)), zstdCompressSync(tar.subarray(999))]))}`,
      undefined,
      1,
    ],
    ['oci-archive:-', Readable.from([tar.subarray(0, 100), tar.subarray(100)]), 1],
    ['oci-archive:-:web:1', Readable.from([gzipSync(tar)]), 1],
    [await write(tar), undefined, 0],
    [await write(gzipSync(tar)), undefined, 1],
  ];
  for (const [text, stdin, kept] of forms) {
    const opened = await open(text, stdin);
    assert.equal(opened.digest, image.digest, text);
    assert.equal(await spools(), kept);
    for (const [index, layer] of opened.layers.entries())
      assert.equal(sha256Of(await layerBytes(opened, index)), layer.digest);
    await opened.close();
    await opened.close();
    assert.equal(await spools(), 0, text);
  }
});

test('an archive of docker save is read: layers are their own diff IDs, the image is known by its configuration', async () => {
  const made = savedImage();
  const tar = tarOf(saved(made));
  for (const text of [
    `docker-archive:${await write(tar)}`,
    `docker-archive:${await write(gzipSync(tar))}:web:1`,
    await write(tar),
    await write(zstdCompressSync(tar)),
  ]) {
    const opened = await open(text);
    assert.equal(opened.digest, made.digest);
    assert.equal(opened.platform, 'linux/amd64');
    assert.deepEqual(
      opened.layers.map(({ createdBy }) => createdBy),
      ['RUN one', 'RUN two'],
    );
    for (const [index, layer] of opened.layers.entries()) {
      assert.equal(layer.digest, layer.diffId);
      assert.equal(layer.mediaType, 'application/vnd.oci.image.layer.v1.tar');
      assert.deepEqual(await layerBytes(opened, index), made.tars[index]);
    }
    await opened.close();
  }
  const piped = await open('docker-archive:-', Readable.from([tar]));
  assert.equal(piped.digest, made.digest);
  await piped.close();
  await assert.rejects(open('docker-archive:-'), { code: 'image/no-standard-input' });
});

test('one of several saved images is chosen by its name', async () => {
  const [web, db] = [
    savedImage({ tags: ['web:1', 'web:latest'] }),
    savedImage({ tags: ['registry.example.com/db:2'], salt: 'x' }),
  ];
  const path = await write(tarOf(saved(web, db)));
  for (const [name, expected] of [
    ['web:1', web],
    ['docker.io/library/web:1', web],
    ['web', web],
    ['registry.example.com/db:2', db],
  ] as const) {
    assert.equal((await open(`docker-archive:${path}:${name}`)).digest, expected.digest, name);
  }
  await assert.rejects(open(`docker-archive:${path}`), {
    code: 'image/ambiguous-image',
    message: /web:1, web:latest, registry/,
  });
  await assert.rejects(open(`docker-archive:${path}:web:3`), { code: 'image/no-such-image', hint: /web:1/ });
});

test('an archive that is a layout and docker save at once, as Docker 25 writes, is read as either', async () => {
  const path = (blob: { readonly digest: string } | undefined) => `blobs/${blob?.digest.replace(':', '/')}`;
  const [config, ...layers] = image.blobs;
  const manifest = [{ Config: path(config), RepoTags: ['web:1'], Layers: layers.map(path) }];
  const both = await write(tarOfFiles(new Map([...layout, ['manifest.json', json(manifest)]])));
  assert.equal((await open(both)).digest, image.digest);
  const opened = await open(`docker-archive:${both}:web:1`);
  assert.equal(opened.digest, config?.digest);
  assert.deepEqual(
    opened.layers.map(({ digest, mediaType }) => ({ digest, mediaType })),
    layers.map(({ digest, mediaType }) => ({ digest, mediaType })),
  );
});

test('layers that old archives share by symbolic links are found, those that lead nowhere or in circles are not', async () => {
  const made = savedImage({ layers: ['one/layer.tar', 'two/layer.tar'] });
  const [first, second, ...rest] = saved(made);
  assert.ok(first !== undefined && second !== undefined);
  const linked = (target: string, flag = '2'): TarMember[] => [
    first,
    { path: 'common/layer.tar', content: made.tars[1] ?? '' },
    { path: 'two/layer.tar', flag, target },
    ...rest,
  ];
  for (const members of [
    linked('../common/layer.tar'),
    linked('./../two/../common/layer.tar'),
    linked('common/layer.tar', '1'),
  ]) {
    const opened = await open(`docker-archive:${await write(tarOf(members))}`);
    assert.deepEqual(await layerBytes(opened, 1), made.tars[1]);
  }
  for (const target of ['layer.tar', '../nowhere', '/etc/passwd', '../../../../etc/passwd']) {
    await assert.rejects(
      open(`docker-archive:${await write(tarOf(linked(target)))}`),
      { code: 'image/blob-missing' },
      target,
    );
  }
});

test('member names that are long, and sizes that stand in extended headers, are read', async () => {
  const long = `${'deep/'.repeat(40)}layer.tar`;
  const made = savedImage({ layers: [long, 'two/layer.tar'] });
  const [first, ...rest] = saved(made);
  const content = first?.content ?? '';
  for (const members of [
    [{ path: 'short', content, pax: { path: long } }, ...rest],
    [{ path: '././@LongLink', flag: 'L', content: `${long}\0` }, { path: 'short', content }, ...rest],
    [{ path: 'short', content, claimedSize: 0, pax: { path: long, size: String(content.length) } }, ...rest],
  ]) {
    const opened = await open(`docker-archive:${await write(tarOf(members))}`);
    assert.deepEqual(await layerBytes(opened, 0), made.tars[0]);
  }
});

test('archives that are truncated, incomplete, hostile or something else are refused with what is wrong', async () => {
  const made = savedImage();
  const members = saved(made);
  const tar = tarOf(members);
  const manifest = (entry: object) => tarOf([...made.members, { path: 'manifest.json', content: json([entry]) }]);
  const cases: [string, string, Buffer, string][] = [
    ['cut within a layer', 'docker-archive', tar.subarray(0, 700), 'image/corrupt-archive'],
    ['cut within a header', 'oci-archive', tarOfFiles(layout).subarray(0, 300), 'image/corrupt-archive'],
    ['cut compressed', 'docker-archive', gzipSync(tar).subarray(0, 100), 'image/corrupt-archive'],
    [
      'a size beyond the end',
      'docker-archive',
      tarOf([{ path: 'x', claimedSize: 2 ** 40 }, ...members]),
      'image/corrupt-archive',
    ],
    [
      'an impossible size',
      'docker-archive',
      tarOf([{ path: 'x', claimedSize: 2 ** 53 }, ...members]),
      'image/corrupt-archive',
    ],
    ['cut between two members', 'docker-archive', tar.subarray(0, 1024), 'image/corrupt-archive'],
    ['cut between two members, too', 'oci-archive', tar.subarray(0, 1024), 'image/corrupt-archive'],
    ['no manifest.json', 'docker-archive', tarOfFiles(layout), 'image/not-a-docker-archive'],
    ['no layout', 'oci-archive', tar, 'image/not-a-layout'],
    ['empty', 'docker-archive', Buffer.alloc(0), 'image/empty-archive'],
    ['nothing compressed', 'oci-archive', gzipSync(Buffer.alloc(0)), 'image/empty-archive'],
    ['no members', 'docker-archive', tarOf([]), 'image/empty-archive'],
    ['text', 'oci-archive', Buffer.alloc(2000, 'text'), 'image/corrupt-archive'],
    ['no layer', 'docker-archive', tarOf(members.slice(1)), 'image/blob-missing'],
    [
      'no configuration',
      'docker-archive',
      tarOf(members.filter(({ path }) => path !== made.entry.Config)),
      'image/blob-missing',
    ],
    [
      'another configuration',
      'docker-archive',
      tarOf(members.map((member) => (member.path === made.entry.Config ? { ...member, content: '{}' } : member))),
      'image/digest-mismatch',
    ],
    [
      'a layer too few',
      'docker-archive',
      manifest({ ...made.entry, Layers: made.entry.Layers.slice(1) }),
      'image/layers-disagree',
    ],
    [
      'a configuration outside',
      'docker-archive',
      manifest({ ...made.entry, Config: '../../../../etc/passwd' }),
      'image/blob-missing',
    ],
    [
      'a layer outside',
      'docker-archive',
      manifest({ ...made.entry, Layers: ['/etc/passwd', '../x'] }),
      'image/blob-missing',
    ],
    [
      'manifest.json of another shape',
      'docker-archive',
      tarOf([{ path: 'manifest.json', content: '{"Config":1}' }]),
      'image/bad-manifest',
    ],
    ['no images', 'docker-archive', tarOf([{ path: 'manifest.json', content: '[]' }]), 'image/no-such-image'],
  ];
  for (const [name, scheme, bytes, code] of cases) {
    await assert.rejects(open(`${scheme}:${await write(bytes)}`), { name: 'PlimsollError', code, kind: 'input' }, name);
    assert.equal(await spools(), 0, name);
  }
  await assert.rejects(open(`docker-archive:${join(root, 'nowhere')}`), { code: 'image/no-such-file' });
  await assert.rejects(open(`docker-archive:${root}`), { code: 'image/file-unreadable' });
});

test('what ends without the blocks that end an archive is read when nothing is missing', async () => {
  const members = saved(savedImage());
  const opened = await open(`docker-archive:${await write(tarOf(members, { end: false }))}`);
  assert.equal(opened.layers.length, 2);
});

test('an archive with any damage is read or refused, never anything else', async () => {
  const tar = tarOf(saved(savedImage()));
  const path = join(root, 'damaged.tar');
  const damage = fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(tar.length), async (changes, length) => {
      const damaged = Buffer.from(tar.subarray(0, length % 3 === 0 ? length : tar.length));
      for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
      await writeFile(path, damaged);
      await open(`docker-archive:${path}`).catch((thrown: unknown) =>
        assert.ok(thrown instanceof PlimsollError, String(thrown)),
      );
    }),
    { numRuns: 150 },
  );
});

test('a pipe in the file system is read like standard input', async () => {
  const path = join(root, 'pipe');
  execFileSync('mkfifo', [path]);
  const writer = writeFile(path, tarOfFiles(layout));
  const opened = await open(`oci-archive:${path}`);
  await writer;
  assert.equal(opened.digest, image.digest);
  await opened.close();
});

test('the temporary file is only for this user, and goes with the process, also when a signal ends it', async () => {
  const script = `
    const { openImage, parseTarget } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    const { statSync, readdirSync } = await import('node:fs');
    await openImage(await parseTarget('oci-archive:-'), { env: {}, stdin: process.stdin });
    const [folder] = readdirSync(process.env.TMPDIR).filter((name) => name.startsWith('plimsoll-'));
    const mode = (path) => (statSync(process.env.TMPDIR + '/' + path).mode & 0o777).toString(8);
    console.log(mode(folder), mode(folder + '/archive.tar'));
    if (process.argv[1] === 'wait') setInterval(() => {}, 1000);
  `;
  for (const ending of ['exit', 'wait']) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, ending], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(tarOfFiles(layout));
    const [line] = await child.stdout.take(1).toArray();
    assert.equal(String(line).trim(), '700 600');
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
    if (ending === 'wait') child.kill('SIGTERM');
    assert.equal(await ended, ending === 'wait' ? 'SIGTERM' : 0);
    assert.equal(await spools(), 0);
  }
});
