/** For tests: the command line as users have it, in this process or, where the process itself matters, in one of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import { commands } from '../src/cli/commands.ts';
import { renderError } from '../src/cli/failure.ts';
import { type ReportDocument, reportSchema } from '../src/cli/render/report-schema.ts';
import { readSbom } from '../src/sbom/index.ts';

/** Of this test file alone, and its current folder: no policy, credentials, cache or data of the user's counts. */
export const workspace = mkdtempSync(join(tmpdir(), 'plimsoll-flow-'));
process.chdir(workspace);
after(() => rmSync(workspace, { recursive: true, force: true }));

export interface Answer {
  readonly code: number;
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly err: string;
}

export type Variables = Readonly<Record<string, string>>;

let homes = 0;

/** An environment of its own: nothing remembered, no advisory data. */
export function newHome(more: Variables = {}): Variables {
  const home = join(workspace, `home-${++homes}`);
  mkdirSync(home);
  return {
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    TMPDIR: tmpdir(),
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_DATA_HOME: join(home, 'data'),
    // Compiled once for all of them.
    NODE_COMPILE_CACHE: join(workspace, 'code'),
    ...more,
  };
}

const sharedHome = newHome();

/** Runs a command in this process, as `main.ts` does, with standard output going to a pipe. */
export async function plimsoll(args: readonly string[], env: Variables = sharedHome): Promise<Answer> {
  const [name, ...rest] = args;
  const command = commands.find((known) => known.name === name);
  assert.ok(command !== undefined, `${name} is a command`);
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    env,
    interactive: false,
    width: undefined,
    paint: (_: string, text: string) => text,
    progress: () => {},
  };
  try {
    const code = await (await command.load()).run(rest, terminal);
    return { code, out, err };
  } catch (thrown) {
    return { code: renderError(thrown, terminal), out, err };
  }
}

export interface ProcessAnswer extends Answer {
  /** What the process took at its height, in bytes; `undefined` where the system does not tell (only Linux does). */
  readonly peakMemory: number | undefined;
  readonly milliseconds: number;
}

/** As it is built: what users run. */
export const mainFile = join(import.meta.dirname, '..', 'dist', 'plimsoll.js');
/** Says at the end how high the memory went. */
const reportMemory = `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  try { writeSync(3, readFileSync('/proc/self/status', 'utf8')); } catch {}
});`)}`;

/** Makes waiting short, in all threads: a second takes ten milliseconds. */
const shortenWaiting = `data:text/javascript,${encodeURIComponent(`
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';
const [later, pause] = [globalThis.setTimeout, promises.setTimeout];
globalThis.setTimeout = (callback, delay, ...values) => later(callback, delay / 100, ...values);
promises.setTimeout = (delay, ...rest) => pause(delay / 100, ...rest);
syncBuiltinESMExports();`)}`;

/** Runs the program as a process: what the terminal, standard input, the exit code and the memory are about. */
export async function plimsollProcess(
  args: readonly string[],
  {
    env = sharedHome,
    stdin,
    cwd = workspace,
    impatient = false,
  }: {
    readonly env?: Variables;
    readonly stdin?: Buffer;
    readonly cwd?: string;
    /** Whether it gives up waiting a hundred times earlier. */
    readonly impatient?: boolean;
  } = {},
): Promise<ProcessAnswer> {
  const started = performance.now();
  const preloads = ['--import', reportMemory, ...(impatient ? ['--import', shortenWaiting] : [])];
  const child = spawn(process.execPath, [...preloads, mainFile, ...args], {
    env,
    cwd,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [input, out, err, memory] = child.stdio;
  assert.ok(memory instanceof Readable);
  // A program that has seen enough closes its standard input.
  input.on('error', () => {});
  input.end(stdin);
  const texts = Promise.all([textOf(out), textOf(err), textOf(memory)]);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [outText, errText, status] = await texts;
  assert.ok(code !== null, `it ended by a signal: ${errText}`);
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    code,
    out: outText,
    err: errText,
    peakMemory: peak === undefined ? undefined : Number(peak) * 1024,
    milliseconds: performance.now() - started,
  };
}

async function textOf(stream: Readable): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

export function readText(...path: readonly string[]): string {
  return readFileSync(join(workspace, ...path), 'utf8');
}

/** What holds for every answer that does not go to a terminal, good or bad. */
export function assertPlain({ out, err }: Answer): void {
  assert.ok(!`${out}${err}`.includes('\u001b'), 'no escape sequences');
  assert.doesNotMatch(err, /failed unexpectedly|^\s+at .+:\d+/m);
}

/** An answer that is an error for people: what is wrong, what to do, and nothing among the results. */
export function assertRefused(answer: Answer, code: 2 | 3, says: RegExp): void {
  assertPlain(answer);
  assert.match(answer.err, says);
  assert.match(answer.err, /^error: .+$/m);
  assert.match(answer.err, /^ {2}hint: .+$/m);
  assert.equal(answer.code, code, answer.err);
  assert.equal(answer.out, '');
}

export type Result = ReportDocument['results'][number];

/** What `-o json` wrote, held against its schema. */
export function resultsIn(json: string): readonly Result[] {
  return reportSchema.parse(JSON.parse(json)).results;
}

/** `id package version level`, in the order of their names. */
export function findingsIn({ findings }: Result): readonly string[] {
  return findings
    .map(({ id, component, severity }) => `${id} ${component.name} ${component.version} ${severity.level}`)
    .sort();
}

/** `name version` of all that a CycloneDX document lists, in that order. */
export function componentsIn(sbom: string): readonly string[] {
  return readSbom(Buffer.from(sbom), 'sbom')
    .components.map(({ name, version }) => `${name} ${version}`)
    .sort();
}
