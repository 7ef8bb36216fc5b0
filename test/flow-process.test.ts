/** What only a process of its own can show: standard input, pipes, colours, exit codes, current folders. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { reportFormats } from '../src/cli/render/index.ts';
import { layoutOf, savedFilesOf, tarOfFiles, writeFiles } from '../src/image/testing-image.ts';
import {
  assertPlain,
  assertRefused,
  findingsIn,
  mainFile,
  newHome,
  plimsoll,
  plimsollProcess,
  readText,
  resultsIn,
  workspace,
} from './command-line.ts';
import { application, sampleDatabase, sampleFindings, sampleImage } from './sample.ts';

let database = '';
const image = sampleImage();
before(async () => {
  database = await sampleDatabase();
  await writeFiles(join(workspace, 'web'), layoutOf([{ image }]));
});

describe('standard input', () => {
  const saved = tarOfFiles(savedFilesOf(sampleImage({ compression: 'none' }), 'web:1'));
  const layout = tarOfFiles(layoutOf([{ image, name: 'web:1' }]));
  const kinds: readonly (readonly [target: string, stdin: () => Promise<Buffer> | Buffer])[] = [
    ['docker-archive:-', () => saved],
    ['docker-archive:-:web:1', () => gzipSync(saved)],
    ['oci-archive:-', () => layout],
    ['sbom:-', async () => Buffer.from((await plimsoll(['sbom', 'oci:web'])).out)],
  ];
  for (const [target, stdin] of kinds) {
    it(`holds ${target}, of which no copy stays`, async () => {
      const temporary = join(workspace, `tmp-${target.replace(/\W/g, '-')}`);
      mkdirSync(temporary);
      const answer = await plimsollProcess(['scan', target, '--db', database, '-o', 'json'], {
        env: newHome({ TMPDIR: temporary }),
        stdin: await stdin(),
      });
      assert.deepEqual([answer.code, answer.err], [0, '']);
      assert.deepEqual(resultsIn(answer.out).map(findingsIn), [sampleFindings]);
      assert.deepEqual(
        readdirSync(temporary).filter((name) => name.startsWith('plimsoll')),
        [],
      );
    });
  }

  it('that is empty is told as that, and what to look at', async () => {
    for (const target of ['docker-archive:-', 'oci-archive:-']) {
      const answer = await plimsollProcess(['scan', target, '--db', database], { stdin: Buffer.alloc(0) });
      assertRefused(answer, 2, /^error: "standard input" is empty\n {2}hint: .*wrote nothing/);
    }
  });

  it('that is cut short is told as that', async () => {
    const temporary = join(workspace, 'tmp-cut');
    mkdirSync(temporary);
    const answer = await plimsollProcess(['scan', 'docker-archive:-', '--db', database], {
      env: newHome({ TMPDIR: temporary }),
      stdin: saved.subarray(0, saved.length / 2),
    });
    assertRefused(answer, 2, /^error: "standard input" ends in the middle of "[0-9a-f]+\/layer\.tar"/);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('plimsoll')),
      [],
    );
  });
});

describe('a process', () => {
  it('exits with what the answer is', async () => {
    const scan = ['scan', 'oci:web', '--db', database];
    const cases: readonly (readonly [args: readonly string[], code: number])[] = [
      [[...scan, '--fail-on', 'critical'], 1],
      [['scan', 'oci:nowhere', '--db', database], 2],
      [['scan', 'oci:web', '--db', 'no.db'], 3],
      [['scna'], 2],
      [['--vers'], 2],
      [[], 0],
      [['--version'], 0],
      [['version', '--json'], 2],
      [['scan', '--help'], 0],
      [['help', 'scna'], 2],
    ];
    for (const [args, code] of cases) {
      const answer = await plimsollProcess(args, { env: newHome() });
      assertPlain(answer);
      assert.equal(answer.code, code, `${args.join(' ')}: ${answer.err}`);
      assert.equal(answer.out === '', code > 1, args.join(' '));
      assert.equal(answer.err === '', code === 0, args.join(' '));
    }
  });

  it('tells of a command in the same words, asked in either way', async () => {
    for (const [name = '', ...rest] of [['scan'], ['db', 'update'], ['version'], ['help']]) {
      const asked = await plimsollProcess(['help', name, ...rest]);
      assert.deepEqual([asked.code, asked.err], [0, '']);
      assert.equal(asked.out, (await plimsollProcess([name, ...rest, '--help'])).out);
      assert.match(asked.out, new RegExp(`plimsoll ${[name === 'help' ? 'COMMAND' : name, ...rest].join(' ')}`));
    }
  });

  it('writes the same as ever for the same content, data and time', async () => {
    const env = { SOURCE_DATE_EPOCH: '1700000000' };
    const outputs = (run: string) => reportFormats.flatMap((format) => ['-o', `${format}=${run}.${format}`]);
    const args = ['scan', 'oci:web', '--db', database];
    const first = await plimsollProcess([...args, ...outputs('first')], { env: newHome(env) });
    const again = await plimsoll([...args, ...outputs('again')], newHome(env));
    assert.deepEqual([first.code, again.code], [0, 0]);
    for (const format of reportFormats) assert.equal(readText(`again.${format}`), readText(`first.${format}`), format);
  });

  it('paints nothing in a pipe or with NO_COLOR, and all the same with FORCE_COLOR', async () => {
    const args = ['gate', 'oci:web', '--db', database];
    const [plain, none, forced] = await Promise.all([
      plimsollProcess(args, { env: newHome() }),
      plimsollProcess(args, { env: newHome({ NO_COLOR: '1', TERM: 'xterm-256color' }) }),
      plimsollProcess(args, { env: newHome({ FORCE_COLOR: '1' }) }),
    ]);
    assertPlain(plain);
    assert.equal(none.out, plain.out);
    assert.ok(forced.out.includes('\u001b[31m'));
    const stripped = forced.out.replaceAll(new RegExp(`${'\u001b'}\\[\\d+m`, 'g'), '');
    assert.equal(stripped, plain.out);
    assert.equal(forced.err, '');
  });

  it('ends quietly when whoever reads its result has seen enough', async () => {
    const packages = Array.from({ length: 20_000 }, (_, index) => [
      `node_modules/package-${index}`,
      { version: '1.0.0' },
    ]);
    const lock = JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(packages) });
    await writeFiles(join(workspace, 'large'), new Map([['package-lock.json', Buffer.from(lock)]]));
    const child = spawn(process.execPath, [mainFile, 'sbom', 'dir:large'], { cwd: workspace, env: newHome() });
    let err = '';
    child.stderr.on('data', (piece: Buffer) => {
      err += piece.toString();
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code, signal] = await once(child, 'close');
    assert.deepEqual([code, signal, err], [0, null, '']);
  });

  it('answers the same when nobody reads the result to its end', async () => {
    const args = ['gate', 'oci:web', '--db', database, '-o', 'json', '-o', 'table=read-by-nobody.txt'];
    const child = spawn(process.execPath, [mainFile, ...args], { cwd: workspace, env: newHome() });
    child.stdout.destroy();
    const [code, signal] = await once(child, 'close');
    assert.deepEqual([code, signal], [1, null]);
    assert.match(readText('read-by-nobody.txt'), /^ {2}DENY {2}/m);
  });

  it('says that a result cannot be written, and is not taken for a denial where nothing can be said', async () => {
    const full = openSync('/dev/full', 'w');
    const codeOf = async (args: readonly string[], out: 'ignore' | number, err: 'pipe' | number) => {
      const child = spawn(process.execPath, [mainFile, ...args], {
        cwd: workspace,
        env: newHome(),
        stdio: ['ignore', out, err],
      });
      const told = child.stderr === null ? Promise.resolve('') : text(child.stderr);
      const [code] = await once(child, 'close');
      return [code, await told];
    };
    try {
      const [code, told] = await codeOf(['scan', 'oci:web', '--db', database], full, 'pipe');
      assert.equal(code, 3);
      assert.match(String(told), /^error: The result cannot be written to standard output: ENOSPC/);
      assert.deepEqual(await codeOf(['scan', 'oci:nowhere', '--db', database], 'ignore', full), [2, '']);
    } finally {
      closeSync(full);
    }
  });

  it('writes a result that is larger than a pipe holds, whole', async () => {
    const answer = await plimsollProcess(['sbom', 'dir:large']);
    assert.ok(answer.out.length > 5_000_000);
    const { components }: { readonly components: readonly unknown[] } = JSON.parse(answer.out);
    assert.equal(components.length, 20_000);
  });

  it('looks at the folder it stands in', async () => {
    const folder = join(workspace, 'project');
    await writeFiles(folder, new Map([['package-lock.json', Buffer.from(application['srv/app/package-lock.json'])]]));
    const answer = await plimsollProcess(['scan', '.', '--db', database, '-o', 'json'], { cwd: folder });
    const [result] = resultsIn(answer.out);
    assert.deepEqual(result && findingsIn(result), sampleFindings.slice(0, 1));
    assert.equal(result?.artifact.reference, 'project');
  });
});
