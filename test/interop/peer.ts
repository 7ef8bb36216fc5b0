/** For interoperability tests: the other program, or why the test is left out. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Peer =
  | { readonly path: string; readonly skip: false }
  | { readonly path: undefined; readonly skip: string };

/**
 * Finds a program on the path. Where it is missing, `skip` says so, for the `skip` option of a test; with
 * `PLIMSOLL_REQUIRE_PEERS=1` it is an error instead, so that nobody takes a test that did not run for one that passed.
 */
export function peer(name: string, env: NodeJS.ProcessEnv = process.env): Peer {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && isProgram(path)) return { path, skip: false };
  }
  if (env['PLIMSOLL_REQUIRE_PEERS'] === '1') {
    throw new Error(`${name} is not installed, and PLIMSOLL_REQUIRE_PEERS=1 demands it`);
  }
  return { path: undefined, skip: `${name} is not installed` };
}

/** The same for a program that Debian does not have, or has only with much else: it is never demanded. */
export function optionalPeer(name: string): Peer {
  const { PLIMSOLL_REQUIRE_PEERS: _, ...env } = process.env;
  return peer(name, env);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
