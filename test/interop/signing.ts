/** For interoperability tests of signatures: two keys, images in a registry, and other programs that sign and verify them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before } from 'node:test';
import { promisify } from 'node:util';
import { layoutOf, testImage, testIndex, writeFiles } from '../../src/image/testing-image.ts';
import { type Answer, newHome, plimsoll, workspace } from '../command-line.ts';
import type { Peer } from './peer.ts';

const passphrase = { COSIGN_PASSWORD: 'secret' };
const home = newHome(passphrase);

/** Keys of two signers; `.key` signs, `.pub` verifies. */
export const release = join(workspace, 'release');
export const other = join(workspace, 'other');
export const image = testImage();
const index = testIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]);

before(async () => {
  for (const key of [release, other]) await ours('keys', 'create', key);
  await writeFiles(join(workspace, 'image'), layoutOf([{ image, name: 'app:1' }]));
  await writeFiles(join(workspace, 'index'), layoutOf([{ image: index, name: 'app:1' }]));
});

/** A command of ours that has to succeed. */
export async function ours(...args: readonly string[]): Promise<Answer> {
  const answer = await plimsoll(args, home);
  assert.equal(answer.code, 0, `${args.join(' ')}: ${answer.out}${answer.err}`);
  return answer;
}

/** A command of ours that answers "not verified". */
export async function oursRefuses(...args: readonly string[]): Promise<void> {
  const answer = await plimsoll(args, home);
  assert.equal(answer.code, 1, `${args.join(' ')}: ${answer.out}${answer.err}`);
}

/** What another program says, and whether it failed. Its home is the workspace, and it cannot wait for an answer. */
export async function call({ path }: Peer, ...args: readonly string[]): Promise<{ failed: boolean; said: string }> {
  assert.ok(path !== undefined);
  const env = { PATH: process.env['PATH'] ?? '', HOME: workspace, ...passphrase };
  try {
    const { stdout, stderr } = await promisify(execFile)(path, args, { cwd: workspace, env });
    return { failed: false, said: `${stdout}${stderr}` };
  } catch (thrown) {
    return { failed: true, said: String(thrown) };
  }
}

/** Puts an image into a registry; what it is called there. */
export async function push(host: string, name: string, layout: 'image' | 'index' = 'image'): Promise<string> {
  const target = `${host}/${name}:1`;
  await ours('copy', `oci:${join(workspace, layout)}`, target);
  return target;
}
