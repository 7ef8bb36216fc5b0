/** From what is named to what is said of it: every kind of target, every format, every exit code. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { reportFormats } from '../src/cli/render/index.ts';
import { layoutOf, savedFilesOf, tarOfFiles, testImage, testIndex, writeFiles } from '../src/image/testing-image.ts';
import { cyclonedxMistakes, spdxMistakes } from '../src/sbom/testing.ts';
import {
  assertPlain,
  assertRefused,
  findingsIn,
  newHome,
  plimsoll,
  readText,
  resultsIn,
  workspace,
} from './command-line.ts';
import { application, base, sampleDatabase, sampleFindings, sampleImage } from './sample.ts';

const image = sampleImage();
const plainImage = sampleImage({ compression: 'none' });
let database = '';
const scan = (...args: readonly string[]) => plimsoll(['scan', '--db', database, ...args]);

function writeTree(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  return writeFiles(
    join(workspace, folder),
    new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
  );
}

before(async () => {
  database = await sampleDatabase();
  const layout = layoutOf([{ image, name: 'web:1' }]);
  const other = testImage({ layers: [{ 'etc/hostname': 'other' }] });
  await writeFiles(join(workspace, 'layout'), layout);
  await writeFiles(
    join(workspace, 'several'),
    layoutOf([
      { image, name: 'web:1' },
      { image: other, name: 'web:2' },
    ]),
  );
  await writeFiles(
    join(workspace, 'docker-layout'),
    layoutOf([{ image: sampleImage({ docker: true, compression: 'zstd' }) }]),
  );
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const index = testIndex(
    platforms.map((platform) => ({
      platform,
      image: platform.architecture === 'arm64' ? sampleImage({ platform }) : other,
    })),
  );
  await writeFiles(join(workspace, 'platforms'), layoutOf([{ image: index }]));
  writeFileSync(join(workspace, 'layout.tar'), tarOfFiles(layout));
  writeFileSync(join(workspace, 'layout.tar.gz'), gzipSync(tarOfFiles(layout)));
  writeFileSync(join(workspace, 'saved.tar'), tarOfFiles(savedFilesOf(plainImage, 'web:1')));
  await writeTree('rootfs', { ...base, ...application });
  await writeTree('project', { 'package-lock.json': application['srv/app/package-lock.json'] });
  await plimsoll(['sbom', 'oci:layout', '-o', 'cyclonedx-json=web.cdx.json', '-o', 'spdx-json=web.spdx.json']);
});

describe('every kind of target gives what is wrong with it', () => {
  const [lodash] = sampleFindings;
  const targets: readonly (readonly [target: string, kind: string, findings?: readonly (string | undefined)[]])[] = [
    ['oci:layout', 'image'],
    ['oci:layout:web:1', 'image'],
    ['oci:several:web:1', 'image'],
    ['oci:docker-layout', 'image'],
    [`oci:layout@${image.digest}`, 'image'],
    ['./layout', 'image'],
    ['oci-archive:layout.tar', 'image'],
    ['oci-archive:layout.tar.gz:web:1', 'image'],
    ['./layout.tar', 'image'],
    ['docker-archive:saved.tar', 'image'],
    ['docker-archive:saved.tar:web:1', 'image'],
    ['./saved.tar', 'image'],
    ['dir:rootfs', 'directory'],
    ['./rootfs', 'directory'],
    ['dir:project', 'directory', [lodash]],
    ['file:project/package-lock.json', 'file', [lodash]],
    ['sbom:web.cdx.json', 'sbom'],
    ['sbom:web.spdx.json', 'sbom'],
    ['./web.cdx.json', 'sbom'],
    ['./web.spdx.json', 'sbom'],
  ];
  for (const [target, kind, findings = sampleFindings] of targets) {
    it(target, async () => {
      const answer = await scan(target, '-o', 'json');
      assert.equal(answer.code, 0, answer.err);
      assert.equal(answer.err, '');
      const [result, ...others] = resultsIn(answer.out);
      assert.ok(result !== undefined);
      assert.deepEqual(others, []);
      assert.deepEqual(findingsIn(result), findings);
      assert.deepEqual(result.unknown, []);
      assert.equal(result.artifact.kind, kind);
      assert.equal(result.artifact.reference, target.replace(/^dir:/, ''));
    });
  }

  it('the platform that was asked for', async () => {
    const arm = await scan('oci:platforms', '--platform', 'linux/arm64', '-o', 'json');
    assert.deepEqual(resultsIn(arm.out).map(findingsIn), [sampleFindings]);
    const amd = await scan('oci:platforms', '--platform', 'linux/amd64', '-o', 'json');
    assert.deepEqual(resultsIn(amd.out).map(findingsIn), [[]]);
  });

  it('with the layer and the instruction that brought it', async () => {
    const { out } = await scan('oci:layout', '-o', 'json');
    const places = resultsIn(out).flatMap(({ findings }) => findings.flatMap(({ component }) => component.locations));
    assert.deepEqual(
      places.map(({ path, layer, instruction }) => [path?.split('/').at(-1), layer, instruction]),
      [
        ['METADATA', 1, 'COPY file:1 in /'],
        ['package-lock.json', 1, 'COPY file:1 in /'],
        ['status', 0, 'COPY file:0 in /'],
      ],
    );
  });

  it('several in one call, in the order they were named', async () => {
    const answer = await scan('dir:project', 'oci:layout', 'sbom:web.cdx.json', '-o', 'json');
    const results = resultsIn(answer.out);
    assert.deepEqual(
      results.map(({ artifact }) => artifact.reference),
      ['project', 'oci:layout', 'sbom:web.cdx.json'],
    );
    assert.deepEqual(
      results.map(({ findings }) => findings.length),
      [1, 3, 3],
    );
  });
});

describe('every format of a scan and of a gate', () => {
  /** What a reader of the format sees first of each finding. */
  const shows: Readonly<Record<string, (text: string) => void>> = {
    table: (text) => {
      assert.match(text, /^lodash 1\.0\.0 {2}npm {2}update to 2\.0\.0 fixes it$/m);
      assert.match(text, /critical +9\.8 +CVE-2026-1000 +EPSS 75 %/);
    },
    json: (text) => assert.deepEqual(resultsIn(text).map(findingsIn), [sampleFindings]),
    'cyclonedx-json': (text) => {
      const document: unknown = JSON.parse(text);
      assert.equal(cyclonedxMistakes(document), '');
      for (const id of ['CVE-2026-1000', 'CVE-2026-2000', 'CVE-2026-3000'])
        assert.ok(text.includes(`"id": "${id}"`), id);
    },
    'spdx-json': (text) => {
      const document: unknown = JSON.parse(text);
      assert.equal(spdxMistakes(document), '');
      assert.match(text, /"name": "lodash"/);
    },
    sarif: (text) => {
      const { version, runs }: SarifLog = JSON.parse(text);
      assert.equal(version, '2.1.0');
      const ids = runs[0]?.results.map(({ ruleId }) => ruleId.split(' ')[0]) ?? [];
      assert.deepEqual(ids.filter((id) => id !== 'policy/trust.unsigned').sort(), [
        'CVE-2026-1000',
        'CVE-2026-2000',
        'CVE-2026-3000',
      ]);
    },
    markdown: (text) => assert.match(text, /<code>lodash 1\.0\.0<\/code>/),
  };
  interface SarifLog {
    readonly version: string;
    readonly runs: readonly { readonly results: readonly { readonly ruleId: string }[] }[];
  }

  it('goes to standard output, whole and alone', async () => {
    assert.deepEqual(Object.keys(shows), reportFormats);
    for (const format of reportFormats) {
      const answer = await scan('oci:layout', '-o', format);
      assertPlain(answer);
      assert.equal(answer.code, 0);
      assert.equal(answer.err, '');
      assert.ok(answer.out.endsWith('\n'));
      shows[format]?.(answer.out);
    }
  });

  it('goes to files from one run, each as it is alone', async () => {
    const files = reportFormats.map((format) => ({ format, file: `out.${format}` }));
    const answer = await scan('oci:layout', ...files.flatMap(({ format, file }) => ['-o', `${format}=${file}`]));
    assert.equal(answer.code, 0);
    assert.equal(answer.out, '');
    assert.equal(answer.err, files.map(({ format, file }) => `wrote ${format} to ${file}\n`).join(''));
    for (const { format, file } of files) {
      const alone = await scan('oci:layout', '-o', format);
      assert.equal(readText(file), alone.out, format);
    }
  });

  it('has the verdict where a policy was asked', async () => {
    const files = reportFormats.map((format) => ({ format, file: `gate.${format}` }));
    const answer = await plimsoll([
      ...['gate', 'oci:layout', '--db', database],
      ...files.flatMap(({ format, file }) => ['-o', `${format}=${file}`]),
    ]);
    assert.equal(answer.code, 1);
    for (const { format, file } of files) shows[format]?.(readText(file));
    assert.match(readText('gate.table'), /^ {2}DENY {2}at the build gate/m);
    assert.match(readText('gate.markdown'), /DENY/);
    assert.equal(resultsIn(readText('gate.json'))[0]?.verdict?.outcome, 'deny');
  });
});

describe('an SBOM', () => {
  it('is valid in both formats, and lists what is in it', async () => {
    const cyclonedx = await plimsoll(['sbom', 'oci:layout']);
    assert.equal(cyclonedxMistakes(JSON.parse(cyclonedx.out)), '');
    const spdx = await plimsoll(['sbom', 'oci:layout', '-o', 'spdx-json']);
    assert.equal(spdxMistakes(JSON.parse(spdx.out)), '');
    const table = await plimsoll(['sbom', 'oci:layout', '-o', 'table']);
    for (const name of ['lodash', 'openssl', 'requests'])
      for (const { out } of [cyclonedx, spdx, table]) assert.match(out, new RegExp(`\\b${name}\\b`));
  });

  it('needs no advisories, and describes one target', async () => {
    const home = newHome();
    assert.equal((await plimsoll(['sbom', 'dir:project'], home)).code, 0);
    assertRefused(await plimsoll(['sbom', 'dir:project', 'oci:layout'], home), 2, /An SBOM describes one target/);
    assertRefused(await scan('dir:nowhere', 'oci:layout', '-o', 'spdx-json'), 2, /spdx-json describes one target/);
  });

  it('has the same bytes for the same content, and the timestamp that is given', async () => {
    const env = newHome({ SOURCE_DATE_EPOCH: '1700000000' });
    for (const format of ['cyclonedx-json', 'spdx-json']) {
      const [first, again] = [
        await plimsoll(['sbom', 'oci:layout', '-o', format], env),
        await plimsoll(['sbom', 'oci:layout', '-o', format, '--no-cache'], env),
      ];
      assert.equal(first.out, again.out);
      assert.match(first.out, /"2023-11-14T22:13:20Z"/);
      const without = await plimsoll(['sbom', 'oci:layout', '-o', format]);
      assert.match(without.out, /"2026-01-02T03:04:05Z"/);
    }
    const answer = await plimsoll(['sbom', 'oci:layout'], newHome({ SOURCE_DATE_EPOCH: 'yesterday' }));
    assertRefused(answer, 2, /SOURCE_DATE_EPOCH is "yesterday"/);
  });
});
