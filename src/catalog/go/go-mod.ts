import { purlFor } from '../../sbom/index.ts';
import type { Cataloger } from '../cataloger.ts';
import { boundedText } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { type ModFile, parseModFile, type Required } from './mod-file.ts';

/**
 * Folders whose modules are of no concern to the project: the go command's cache of modules, what it vendored (the
 * project's own go.mod names those), and what it passes over (`go help packages`: `testdata`, and names that begin with `_`).
 */
const passedOver = /(?:^|\/)(?:pkg\/mod|vendor|testdata|_[^/]*)\//;

/** The Go distribution's own modules: what they need is part of the standard library, whose version says all. */
const distribution = ['std', 'cmd'];

/**
 * The modules that a module requires, with the versions that the go command settled on. A `go` or `toolchain` line is
 * the least that will do, and not what a program was built with: it makes no `stdlib`. Nor does `go.sum` name what is used.
 */
export const goMod: Cataloger<readonly LockedPackage[]> = {
  name: 'go-mod',
  version: 3,
  title: 'Go modules that are required (go.mod)',
  files: ['**/go.mod'],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path) || passedOver.test(file.path)) return undefined;
    const modFile = parseModFile(file, boundedText(file));
    if (distribution.includes(modFile.module ?? '')) return undefined;
    if (modFile.required.length > 0 && !namesAll(modFile.language)) file.unread(file.path, incomplete);
    const used = modFile.required.map((required) => usedFor(required, modFile));
    const distinct = new Map(used.map((each) => [`${each.name} ${each.version ?? ''}`, each]));
    return lockedPackages(file, distinct.values(), {
      describe: (each) => each,
      id: (name, version) => purlFor({ type: 'golang', name, version }),
      dependencies: () => [],
    });
  },

  assemble: (view) => lockedComponents('golang', view.found),
};

/** Go modules reference, "Module graph pruning"; without a `go` line 1.16 is meant. */
function namesAll(language = '1.16'): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(language) ?? [];
  return Number(major) > 1 || Number(minor) >= 17;
}

const incomplete =
  'It is for a Go before 1.17, so it need not name the modules that others require. `go mod tidy -go=1.17` adds them.';

/** What takes the place of a requirement. A folder keeps the name that its code is imported by. */
function usedFor(
  { path, version }: Required,
  { replaced, excluded }: ModFile,
): Pick<LockedPackage, 'name' | 'version'> {
  const replacement = replaced.get(`${path} ${version}`) ?? replaced.get(path);
  if (replacement !== undefined && replacement.version === undefined) return { name: path };
  if (replacement !== undefined) return { name: replacement.path, version: released(replacement.version) };
  // The go command takes some higher version instead.
  return { name: path, version: excluded.has(`${path} ${version}`) ? undefined : released(version) };
}

function released(version: string | undefined): string | undefined {
  return /^v\d+\.\d+\.\d+/.test(version ?? '') ? version : undefined;
}
