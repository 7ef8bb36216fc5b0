import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newPassphrase, passphraseFor, typedLines } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const warnings: string[] = [];
const terminal = (env: NodeJS.ProcessEnv): Terminal => ({
  out: () => {},
  err: (text) => warnings.push(text),
  env,
  interactive: false,
  width: undefined,
  paint: (_, text) => text,
  progress: () => {},
});

test('a passphrase comes from a file without the end of its line, else from the environment', async () => {
  const both = { PLIMSOLL_KEY_PASSPHRASE: 'ours', COSIGN_PASSWORD: 'theirs' };
  for (const [content, passphrase] of [
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    [' two\nlines \n\n', ' two\nlines \n'],
    ['\n', ''],
  ] as const) {
    const file = join(folder, 'passphrase');
    writeFileSync(file, content);
    assert.equal((await passphraseFor('a', file, terminal(both))).toString(), passphrase);
  }
  assert.equal((await passphraseFor('a', undefined, terminal(both))).toString(), 'ours');
  assert.equal((await passphraseFor('a', undefined, terminal({ COSIGN_PASSWORD: 'theirs' }))).toString(), 'theirs');
  assert.equal((await passphraseFor('a', undefined, terminal({ ...both, PLIMSOLL_KEY_PASSPHRASE: '' }))).length, 0);
  await assert.rejects(passphraseFor('a', join(folder, 'none'), terminal(both)), { code: 'cli/unreadable-file' });
});

test('a new key without a passphrase is warned of', async () => {
  await newPassphrase('a', undefined, terminal({ COSIGN_PASSWORD: 'secret' }));
  assert.deepEqual(warnings, []);
  await newPassphrase('a', undefined, terminal({ COSIGN_PASSWORD: '' }));
  assert.match(warnings.join(), /no passphrase/);
});

test('what is typed is taken by lines, however it arrives, with what was taken back taken out', async () => {
  for (const [pieces, lines] of [
    [['secret\r'], ['secret']],
    [['sec', 'ret', '\r'], ['secret']],
    [['one\rtwo\n'], ['one', 'two']],
    [['\r'], ['']],
    [['hun\u00e9\u{1f511}\u007fx\b\r'], ['hun\u00e9']],
    [['\u007fa\r'], ['a']],
    [['one\rtw\u0003o\r'], ['one']],
    [['tw\u0004\r'], []],
    [['never ended'], []],
  ] as const) {
    assert.deepEqual(await Array.fromAsync(typedLines(from(pieces))), lines);
  }
});

async function* from(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}
