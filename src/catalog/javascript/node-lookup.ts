/** How node finds a package by its name (Node.js, "Modules: Loading from node_modules folders"). */

/** The `node_modules` folders that code in `folder` has packages from, nearest first, whether they exist or not. */
export function* nodeModulesAbove(folder: string): Generator<string, void, undefined> {
  for (let at = folder; at !== ''; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
    if (!at.endsWith('/node_modules') && at !== 'node_modules') yield `${at}/node_modules`;
  }
  yield 'node_modules';
}

export type FindByName<Package> = (name: string) => Package | undefined;

/** The first answer of several. */
export function firstOf<Package>(finds: readonly FindByName<Package>[]): FindByName<Package> {
  return (name) => {
    for (const find of finds) {
      const found = find(name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Finds packages from any folder, given where each one is installed. */
export function nodeResolver<Package>(
  installed: ReadonlyMap<string, Package>,
): (folder: string) => FindByName<Package> {
  const folders = new Map<string, Map<string, Package>>();
  for (const [path, item] of installed) {
    const end = path.lastIndexOf('node_modules/') + 'node_modules'.length;
    const folder = path.slice(0, end);
    const names = folders.get(folder) ?? new Map<string, Package>();
    folders.set(folder, names.set(path.slice(end + 1), item));
  }
  return (from) =>
    firstOf(
      [...nodeModulesAbove(from)].flatMap((folder) => {
        const names = folders.get(folder);
        return names === undefined ? [] : [(name: string) => names.get(name)];
      }),
    );
}
