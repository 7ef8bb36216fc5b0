/**
 * npm run bench -- [--image LAYOUT] [--advisories FOLDER] [--rounds N]
 *
 * Every figure is a ratio to a floor or a peer of the same run, or has a bound that is printed beside it.
 * LAYOUT is an OCI layout folder, FOLDER advisories in the layout of the public OSV bucket.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { matchingTime } from './matching.ts';
import { inTurn, runProcess } from './measure.ts';
import { verifying } from './verifying.ts';

const { values } = parseArgs({
  options: { image: { type: 'string' }, advisories: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const node = process.execPath;
const plimsoll = [node, join(import.meta.dirname, '..', 'dist', 'plimsoll.js')];
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
const rows: { figure: string; measured: string; bound: string; holds: string }[] = [];

function row(
  figure: string,
  measured: number,
  unit: string,
  bound: number,
  detail = '',
  direction: '<=' | '>=' = '<=',
): void {
  const text = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toFixed(2)}${unit}`;
  const holds = direction === '<=' ? measured <= bound : measured >= bound;
  rows.push({
    figure,
    measured: `${text(measured)}${detail}`,
    bound: `${direction} ${text(bound)}`,
    holds: holds ? 'yes' : 'NO',
  });
  console.error(`${figure}: ${text(measured)}${detail} (bound ${direction} ${text(bound)})`);
}

try {
  const start = await inTurn(
    rounds * 3,
    () => runProcess([...plimsoll, 'version']),
    () => runProcess([node, '-e', '0']),
  );
  row(
    'plimsoll version / node -e 0',
    start.ratio,
    'x',
    2.5,
    ` (${(start.first.seconds * 1000).toFixed(0)} ms / ${(start.second.seconds * 1000).toFixed(0)} ms)`,
  );

  const signed = await verifying(scratch, rounds);
  row(
    'verifying a signature and three attestations',
    signed.perCoreSecond,
    '/s for each core',
    300,
    ` (bare ECDSA: ${signed.ceiling.toFixed(0)}/s; by the clock ${signed.perSecond.toFixed(0)}/s)`,
    '>=',
  );
  const verify = [...plimsoll, 'verify', `oci:${signed.layout}`, '--key', signed.publicKey];
  const verified = await inTurn(
    rounds * 3,
    () => runProcess(verify),
    () => runProcess([node, '-e', '0']),
  );
  row(
    'plimsoll verify / node -e 0',
    verified.ratio,
    'x',
    4,
    ` (${(verified.first.seconds * 1000).toFixed(0)} ms / ${(verified.second.seconds * 1000).toFixed(0)} ms)`,
  );

  const database = join(scratch, 'advisories.db');
  if (values.advisories !== undefined) {
    const { seconds } = await runProcess([...plimsoll, 'db', 'update', '--from', values.advisories, '--db', database]);
    row('building the database', seconds, ' s', 30);
    const matching = matchingTime(database, rounds * 3);
    row('matching 1,000 components', matching.median, ' ms', 50, ` (the first time ${matching.first.toFixed(0)} ms)`);
  }

  if (values.image !== undefined) {
    const image = values.image;
    const db = values.advisories === undefined ? 'starter' : database;
    const scan = [...plimsoll, 'scan', `oci:${image}`, '--db', db, '-o', 'json'];
    const cold = await inTurn(
      rounds,
      () => runProcess([...scan, '--no-cache']),
      () => runProcess([node, join(import.meta.dirname, 'floor.js'), image]),
    );
    row(
      'cold scan / decompressing and hashing',
      cold.ratio,
      'x',
      1.3,
      ` (${cold.first.seconds.toFixed(2)} s / ${cold.second.seconds.toFixed(2)} s)`,
    );
    row('cold scan, peak memory', cold.first.peak, ' MB', 400, ` (the floor has ${cold.second.peak.toFixed(0)} MB)`);
    const env = { XDG_CACHE_HOME: join(scratch, 'cache') };
    await runProcess(scan, env);
    const again = await inTurn(
      rounds * 3,
      () => runProcess(scan, env),
      () => runProcess([node, '-e', '0']),
    );
    row(
      'second scan, with the layer memory',
      again.first.seconds,
      ' s',
      0.5,
      ` (node -e 0: ${(again.second.seconds * 1000).toFixed(0)} ms)`,
    );
  }
  console.table(rows);
  if (values.image === undefined || values.advisories === undefined) {
    console.log(
      'Give --image LAYOUT and --advisories FOLDER for the other figures; docs/benchmarks.md says how to make them.',
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
