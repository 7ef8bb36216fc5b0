/** What is remembered of layers: it makes scans fast, and never changes what they say. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { layoutOf, writeFiles } from '../src/image/testing-image.ts';
import { startRegistry } from '../src/image/testing-registry.ts';
import { newHome, plimsoll, plimsollProcess, type Variables, workspace } from './command-line.ts';
import { application, base, sampleDatabase, sampleImage } from './sample.ts';

/** Alike layers at the bottom, one of its own on top. */
const images = [sampleImage(), sampleImage({ layers: [base, { ...application, 'srv/app/readme': 'changed' }] })];
let database = '';
let expected = '';

before(async () => {
  database = await sampleDatabase();
  await writeFiles(join(workspace, 'web'), layoutOf([{ image: sampleImage() }]));
  ({ out: expected } = await scan(newHome(), '--no-cache'));
});

const scan = (home: Variables, ...more: readonly string[]) =>
  plimsoll(['scan', 'oci:web', '--db', database, '-o', 'json', ...more], home);

function memoryOf(home: Variables): string {
  return join(home['XDG_CACHE_HOME'] ?? '', 'plimsoll', 'layers');
}
const remembered = (home: Variables) => readdirSync(memoryOf(home)).sort();

describe('the layer memory', () => {
  it('gives the same bytes the second time, without reading the layers', async () => {
    await using registry = await startRegistry();
    const home = newHome();
    const pull = async (index: number) => {
      const before = registry.requests.length;
      const [image] = images.slice(index);
      assert.ok(image !== undefined);
      registry.push('team/web', '1', image);
      const answer = await plimsoll(['scan', `${registry.host}/team/web:1`, '--db', database, '-o', 'json'], home);
      assert.equal(answer.code, 0, answer.err);
      const layers = image.blobs.slice(1).map(({ digest }) => digest);
      const asked = registry.requests
        .slice(before)
        .filter(({ path }) => layers.some((digest) => path.endsWith(digest)));
      return { out: answer.out, layersPulled: asked.length };
    };
    const first = await pull(0);
    assert.equal(first.layersPulled, 2);
    assert.deepEqual(await pull(0), { out: first.out, layersPulled: 0 });
    assert.equal((await pull(1)).layersPulled, 1);
    assert.equal(remembered(home).length, 3);
  });

  it('forgets no finding: new advisories count at once', async () => {
    const home = newHome();
    assert.equal((await scan(home)).out, expected);
    const other = await plimsoll(['scan', 'oci:web', '--db', 'starter', '-o', 'json'], home);
    assert.notEqual(other.out, expected);
    assert.equal((await scan(home)).out, expected);
  });

  it('is read anew where an entry is damaged in any way', async () => {
    const home = newHome();
    await scan(home);
    const whole = new Map(remembered(home).map((name) => [name, readFileSync(join(memoryOf(home), name))]));
    assert.equal(whole.size, 2);
    const damages: readonly ((bytes: Buffer) => Buffer)[] = [
      () => Buffer.alloc(0),
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => Buffer.from(bytes.map((byte, index) => (index === bytes.length - 9 ? byte ^ 1 : byte))),
      () => Buffer.from('{"listing":[],"fragments":[],"unread":[]}'),
    ];
    for (const damage of damages) {
      for (const [name, bytes] of whole) writeFileSync(join(memoryOf(home), name), damage(bytes));
      const answer = await scan(home);
      assert.deepEqual([answer.code, answer.err, answer.out], [0, '', expected]);
      for (const [name, bytes] of whole) assert.deepEqual(readFileSync(join(memoryOf(home), name)), bytes);
    }
  });

  it('may be a folder that nobody can write to, or a file', async () => {
    const readOnly = newHome();
    mkdirSync(memoryOf(readOnly), { recursive: true });
    chmodSync(memoryOf(readOnly), 0o500);
    const inTheWay = newHome();
    writeFileSync(inTheWay['XDG_CACHE_HOME'] ?? '', '');
    for (const home of [readOnly, inTheWay]) {
      const answer = await scan(home);
      assert.deepEqual([answer.code, answer.err, answer.out], [0, '', expected]);
    }
  });

  it('is neither read nor written with --no-cache', async () => {
    const home = newHome();
    assert.equal((await scan(home, '--no-cache')).out, expected);
    assert.equal(existsSync(memoryOf(home)), false);
    await scan(home);
    for (const name of remembered(home)) writeFileSync(join(memoryOf(home), name), 'damaged');
    assert.equal((await scan(home, '--no-cache')).out, expected);
    for (const name of remembered(home)) assert.equal(readFileSync(join(memoryOf(home), name), 'utf8'), 'damaged');
  });

  it('has an image that was seen before without laying its layers over one another again', async () => {
    const home = newHome();
    const args = ['scan', 'oci:web', '--db', database, '-o', 'json'];
    assert.equal((await scan(home)).out, expected);
    const layers = remembered(home);
    assert.equal((await plimsollProcess(args, { env: home })).out, expected);
    assert.equal(remembered(home).length, layers.length + 1);
    for (const name of layers) writeFileSync(join(memoryOf(home), name), 'damaged');
    assert.equal((await plimsollProcess(args, { env: home })).out, expected);
    for (const name of layers) assert.equal(readFileSync(join(memoryOf(home), name), 'utf8'), 'damaged');
    await writeFiles(join(workspace, 'swapped'), layoutOf([{ image: sampleImage({ layers: [application, base] }) }]));
    const swapped = ['scan', 'oci:swapped', '--db', database, '-o', 'json'];
    assert.equal((await plimsollProcess(swapped, { env: home })).out, (await plimsoll([...swapped, '--no-cache'])).out);
  });

  it('serves two processes at once', async () => {
    const home = newHome();
    const args = ['scan', 'oci:web', '--db', database, '-o', 'json'];
    const answers = await Promise.all([1, 2].map(() => plimsollProcess(args, { env: home })));
    for (const answer of answers) assert.deepEqual([answer.code, answer.err, answer.out], [0, '', expected]);
    assert.ok(remembered(home).every((name) => name.endsWith('.facts')));
    assert.equal((await scan(home)).out, expected);
  });
});
