import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from './policy.ts';
import { loadPolicy, policyFileName } from './policy-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-policy-'));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));

function policy(...args: readonly string[]): Promise<number> {
  return run(args, {
    out: () => {},
    err: () => {},
    env: {},
    interactive: false,
    width: undefined,
    paint: (_, text) => text,
    progress: () => {},
  });
}

test('where there is no policy, the hint says how this command takes one', async () => {
  const start = 'or start one: plimsoll policy init';
  await assert.rejects(policy('check'), {
    code: 'cli/no-policy',
    hint: `Name another (plimsoll policy check FILE), ${start}`,
  });
  assert.throws(() => loadPolicy('missing.yaml'), {
    code: 'cli/no-policy',
    hint: `Name another (--policy FILE), ${start}`,
  });
  writeFileSync(join(folder, policyFileName), 'version: 1\n');
  assert.equal(await policy('check', policyFileName), 0);
  await assert.rejects(policy('check', 'missing.yaml'), { hint: 'Name another: plimsoll policy check FILE' });
});
