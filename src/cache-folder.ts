import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/plimsoll` (XDG Base Directory Specification), by default below `~/.cache`: what can be fetched or made again. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') === true ? base : join(homedir(), '.cache'), 'plimsoll');
}
