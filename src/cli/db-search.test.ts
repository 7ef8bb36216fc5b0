import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dbSearch } from './db-search.ts';

async function searched(...args: readonly string[]): Promise<string> {
  let out = '';
  await dbSearch([...args, '--db', 'starter'], {
    out: (text) => {
      out += text;
    },
    err: () => {},
    env: {},
    interactive: false,
    width: undefined,
    paint: (_, text) => text,
    progress: () => {},
  });
  return out;
}

test('an advisory is shown with its level and score; the vector is for programs', async () => {
  const text = await searched('GHSA-35jh-r3h4-6jhm');
  assert.match(text, /^ {2}published 2021-05-06, high, CVSS 7\.2$/m);
  assert.doesNotMatch(text, /CVSS:3/);
  const [hit] = JSON.parse(await searched('GHSA-35jh-r3h4-6jhm', '--json')).hits;
  assert.match(hit.severity.vector, /^CVSS:3\.1\/AV:N/);
  assert.deepEqual([hit.severity.level, hit.severity.score], ['high', 7.2]);
});
