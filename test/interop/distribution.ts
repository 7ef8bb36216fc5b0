/** For interoperability tests: the distribution project's registry, as a process on loopback. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

/** `docker-registry` that keeps what it takes in `folder`; with `user`, only for one whose password is `pass`. */
export async function startDistribution(
  registry: Peer,
  folder: string,
  { user = false }: { readonly user?: boolean } = {},
): Promise<{ readonly host: string } & AsyncDisposable> {
  assert.ok(registry.path !== undefined);
  const host = `127.0.0.1:${await freePort()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'htpasswd'), 'user:$2y$05$abcdefghijklmnopqrstuuZFBUbfXoM8LFiPx8LYlO/sXZB/Cwk3K\n');
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
    ...(user && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
  };
  // JSON is YAML.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn(registry.path, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.on('close', resolve));
  await answering(child, host, user ? 401 : 200);
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function answering(child: ChildProcess, host: string, expected: number): Promise<void> {
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
    const status = await fetch(`http://${host}/v2/`)
      .then((response) => response.status)
      .catch(() => 0);
    if (status === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('docker-registry does not answer');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
