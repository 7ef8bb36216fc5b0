import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commands } from './commands.ts';
import { run } from './quickstart.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll quickstart-'));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));

const underNpm = { HOME: folder, npm_execpath: '/usr/lib/npm-cli.js' };

async function called(command: typeof run, args: readonly string[], env: NodeJS.ProcessEnv = underNpm) {
  let [out, err] = ['', ''];
  const code = await command(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    interactive: false,
    width: undefined,
    paint: (_, text) => text,
    progress: () => {},
  });
  return { code, out, err };
}

/** Its words, as a shell takes them apart. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function lockFile(version: string): void {
  const lock = { lockfileVersion: 3, packages: { 'node_modules/lodash': { version } } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
}

test('a folder without findings is followed by an example that has some, malware among them', async () => {
  lockFile('4.17.21');
  const { code, out, err } = await called(run, []);
  assert.equal(code, 0);
  assert.match(out, /0 findings/);
  assert.match(err, /This is how it looks where something is: sbom:\S.*old-shop\.cdx\.json/);
  for (const part of ['DENY', 'CVE-2021-44228', 'deny by malware']) assert.ok(out.includes(part), part);
});

test('a folder with findings speaks for itself', async () => {
  lockFile('4.17.20');
  const { out, err } = await called(run, []);
  assert.match(out, /CVE-2021-23337/);
  assert.doesNotMatch(`${out}${err}`, /old-shop/);
});

test('every command that it prints works as printed', async () => {
  lockFile('4.17.21');
  const { out, err } = await called(run, []);
  const printed = `${out}${err}`;
  assert.deepEqual(printed.match(/(?<!npx )\bplimsoll (?:db|scan|gate|policy|sbom)\b.*/g), null);
  const found = [...printed.matchAll(/npx plimsoll ([a-z]+)(?: ([^\n"]*?))?(?= {3}|"|\n)/g)];
  const list = [...new Set(found.map(([, name = '', rest = '']) => `${name} ${rest}`.trim()))];
  const offline = list.filter((command) => !/^db update$|debian:12/.test(command));
  assert.equal(list.length - offline.length, 2);
  assert.ok(offline.includes('policy init'));
  for (const command of offline) {
    const [name, ...args] = words(command);
    const entry = commands.find((known) => known.name === name);
    assert.ok(entry !== undefined, command);
    const answer = await called((await entry.load()).run, args);
    assert.equal(answer.code, 0, command);
    if (name === 'scan') for (const id of ['CVE-2021-44228', 'CVE-2021-44832']) assert.ok(answer.out.includes(id), id);
  }
  assert.match((await called(run, [])).out, /npx plimsoll policy check/, 'where there is a policy now');
});

test('who calls it by its own name is told that name', async () => {
  const { out, err } = await called(run, [], { HOME: folder });
  assert.match(out, /plimsoll db update/);
  assert.doesNotMatch(`${out}${err}`, /npx/);
});
