import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that is shipped with Plimsoll, whether it runs from sources or built. */
export function packageFile(...segments: readonly string[]): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, ...segments);
}
