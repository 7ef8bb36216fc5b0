import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { parseTarget } from './target.ts';
import { json, layoutOf, tarOfFiles, testImage, writeFiles } from './testing-image.ts';

const digest = `sha256:${'a'.repeat(64)}`;
let root = '';
const original = process.cwd();
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
  const layout = layoutOf([{ image: testImage() }]);
  const saved = new Map([
    ['abc/layer.tar', Buffer.from('x')],
    ['manifest.json', json([])],
  ]);
  await writeFiles(join(root, 'layout'), layout);
  await writeFiles(join(root, 'with:colon'), layout);
  await mkdir(join(root, 'project'));
  const files: Record<string, string | Buffer> = {
    'oci.tar': tarOfFiles(layout),
    'oci.tar.gz': gzipSync(tarOfFiles(layout)),
    'docker.tar': tarOfFiles(saved),
    'docker.tar.gz': gzipSync(tarOfFiles(new Map([[`${'a'.repeat(64)}/layer.tar`, Buffer.from('x')], ...saved]))),
    'docker.tar.zst': zstdCompressSync(tarOfFiles(new Map([['repositories', Buffer.from('{}')], ...saved]))),
    'source.tar.gz': gzipSync(
      tarOfFiles(
        new Map([
          ['src/manifest.json', json([])],
          ['manifest.json', json([])],
        ]),
      ),
    ),
    'other.tar': tarOfFiles(new Map([['README', Buffer.from('x')]])),
    'text.gz': gzipSync('just text'),
    'broken.tar.gz': gzipSync(tarOfFiles(new Map([['README', Buffer.alloc(9000)]]))).subarray(0, 40),
    'cdx.json': '{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6"\n}',
    'spdx.json': `\uFEFF{"packages":[${'{"name":"x"},'.repeat(50_000)}{}],"spdxVersion":"SPDX-2.3"}`,
    'package.json': '{"name":"bomFormat"}',
    app: 'text',
    empty: '',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  process.chdir(root);
});
after(async () => {
  process.chdir(original);
  await rm(root, { recursive: true, force: true });
});

const summary = async (text: string) => {
  const { name, ...rest } = await parseTarget(text);
  assert.equal(name, text);
  return rest;
};

test('a scheme is taken at its word', async () => {
  const registry = { registry: 'docker.io', repository: 'library/alpine', tag: 'latest', digest: undefined };
  const cases: [string, object][] = [
    ['registry:alpine', { kind: 'registry', reference: registry }],
    ['registry://alpine', { kind: 'registry', reference: registry }],
    ['registry:project', { kind: 'registry', reference: { ...registry, repository: 'library/project' } }],
    ['oci:layout', { kind: 'oci', path: 'layout' }],
    ['oci:layout:web:1', { kind: 'oci', path: 'layout', tag: 'web:1' }],
    [`oci:layout@${digest}`, { kind: 'oci', path: 'layout', digest }],
    ['oci:with:colon', { kind: 'oci', path: 'with:colon' }],
    ['oci:with:colon:1', { kind: 'oci', path: 'with:colon', tag: '1' }],
    ['oci:missing:a:b', { kind: 'oci', path: 'missing', tag: 'a:b' }],
    ['oci-archive:oci.tar:1', { kind: 'oci-archive', path: 'oci.tar', tag: '1' }],
    ['oci-archive:-', { kind: 'oci-archive', path: '-' }],
    ['docker-archive:-', { kind: 'docker-archive', path: '-' }],
    ['docker-archive:-:web:1', { kind: 'docker-archive', path: '-', reference: 'web:1' }],
    [
      'docker-archive:docker.tar:host:5000/a:1',
      { kind: 'docker-archive', path: 'docker.tar', reference: 'host:5000/a:1' },
    ],
    ['dir:with:colon', { kind: 'dir', path: 'with:colon' }],
    ['dir:.', { kind: 'dir', path: '.' }],
    ['file:app', { kind: 'file', path: 'app' }],
    ['sbom:-', { kind: 'sbom', path: '-' }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(await summary(text), expected, text);
});

test('without a scheme, what exists is recognised by its content', async () => {
  const cases: Record<string, string> = {
    layout: 'oci',
    project: 'dir',
    '.': 'dir',
    'oci.tar': 'oci-archive',
    'oci.tar.gz': 'oci-archive',
    'docker.tar': 'docker-archive',
    'docker.tar.gz': 'docker-archive',
    'docker.tar.zst': 'docker-archive',
    'source.tar.gz': 'file',
    'other.tar': 'file',
    'text.gz': 'file',
    'broken.tar.gz': 'file',
    'cdx.json': 'sbom',
    'spdx.json': 'sbom',
    'package.json': 'file',
    app: 'file',
    empty: 'file',
  };
  for (const [path, kind] of Object.entries(cases)) assert.deepEqual(await summary(path), { kind, path }, path);
  assert.deepEqual(await summary('./layout:1'), { kind: 'oci', path: './layout', tag: '1' });
  assert.deepEqual(await summary(join(root, 'docker.tar:web:1')), {
    kind: 'docker-archive',
    path: join(root, 'docker.tar'),
    reference: 'web:1',
  });
});

test('what does not exist is a reference; a tag after an ordinary folder belongs to a reference too', async () => {
  for (const text of ['alpine', 'project:1', 'ghcr.io/owner/name:1', `nothing@${digest}`]) {
    assert.equal((await summary(text)).kind, 'registry', text);
  }
});

test('what cannot be decided, or cannot be anything, is refused with the schemes', async () => {
  const cases: [string, string, RegExp][] = [
    ['layout:1', 'image/ambiguous-target', /oci:layout:1 or registry:layout:1/],
    [`layout@${digest}`, 'image/ambiguous-target', /oci:layout@/],
    ['-', 'image/ambiguous-target', /docker-archive:-/],
    ['', 'image/bad-target', /registry:REF/],
    ['registry:', 'image/bad-target', /dir:PATH/],
    ['oci:', 'image/bad-target', /dir:PATH/],
    ['oci::tag', 'image/bad-target', /dir:PATH/],
    ['oci:layout:', 'image/bad-target', /dir:PATH/],
    ['oci:layout@sha256:12', 'image/bad-target', /dir:PATH/],
    [`docker-archive:docker.tar@${digest}`, 'image/bad-target', /dir:PATH/],
    ['./missing', 'image/no-such-file', /dir:PATH/],
    ['/missing/x', 'image/no-such-file', /dir:PATH/],
    ['Missing File', 'image/bad-target', /dir:PATH/],
    ['docker://alpine', 'image/bad-target', /registry:REF/],
    ['registry:Alpine', 'image/bad-reference', /lower case/],
    ['a\0b', 'image/bad-target', /dir:PATH/],
    ['/dev/null', 'image/ambiguous-target', /docker-archive:PATH/],
  ];
  for (const [text, code, hint] of cases) {
    await assert.rejects(parseTarget(text), { name: 'PlimsollError', code, hint, kind: 'input' }, text);
  }
});

test("an image's archive that is broken is told as that, not taken for an ordinary file", async () => {
  const oci = tarOfFiles(layoutOf([{ image: testImage() }]));
  await writeFile('cut.tar', oci.subarray(0, oci.length - 2500));
  await writeFile('cut.tar.gz', gzipSync(oci, { level: 0 }).subarray(0, 1500));
  for (const path of ['cut.tar', 'cut.tar.gz'])
    await assert.rejects(parseTarget(path), { code: 'image/corrupt-archive' }, path);
});

test('any text is a target or a PlimsollError', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.stringMatching(/^(oci|registry|docker-archive|dir)?:?[a-z:@/.-]{0,20}$/)),
      async (text) => {
        await parseTarget(text).catch((thrown: unknown) => assert.ok(thrown instanceof PlimsollError, String(thrown)));
      },
    ),
    { numRuns: 200 },
  );
});
