/** For tests: opens images from a test registry as a user would, with little patience and credentials of their own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openBlob } from './blob.ts';
import { type Image, type ImageOptions, openImage } from './image.ts';
import { parseTarget } from './target.ts';
import { type TestImage, testImage } from './testing-image.ts';
import { startRegistry, type TestRegistry, type TestRegistryOptions } from './testing-registry.ts';

/** A home without credentials. */
export const home = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(home, { recursive: true, force: true }));

export const patience = { idleMs: 400, backoffMs: 5 };

/** What {@link withRegistry} pushes as `team/app:1` unless told otherwise. */
export const sample = testImage();

/** An environment whose credential file has `entry` for `host`. */
export async function envFor(host: string, entry: object = { username: 'user', password: 'pass' }) {
  const file = join(home, `${host.replaceAll(/[^0-9a-z]/g, '-')}.json`);
  await writeFile(file, JSON.stringify({ auths: { [host]: entry } }));
  return { REGISTRY_AUTH_FILE: file, HOME: home };
}

export async function withRegistry(
  options: TestRegistryOptions,
  use: (registry: TestRegistry) => Promise<void>,
  pushed: TestImage = sample,
): Promise<void> {
  await using registry = await startRegistry(options);
  registry.push('team/app', '1', pushed);
  await use(registry);
}

export async function openFrom(
  registry: Pick<TestRegistry, 'host'>,
  options: Partial<ImageOptions> = {},
  name = 'team/app:1',
): Promise<Image> {
  const target = await parseTarget(`registry:${registry.host}/${name}`);
  assert.ok(target.kind === 'registry');
  return openImage(target, { env: { HOME: home }, patience, ...options });
}

/** A layer's bytes as stored, read from a location that went through a structured clone, as on the way to a worker thread. */
export async function layerBytes(image: Image, index = 0): Promise<Buffer> {
  const blob = image.layers[index]?.blob;
  assert.ok(blob !== undefined);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await openBlob(structuredClone(blob))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
