/**
 * Where node looks for a package that is required from `folder`, nearest first: in `node_modules` there and in each
 * folder above (Node.js, "Modules: Loading from node_modules folders").
 */
export function* nodeLookups(folder: string, name: string): Generator<string, void, undefined> {
  for (let at = folder; at !== ''; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))) {
    if (!at.endsWith('/node_modules') && at !== 'node_modules') yield `${at}/node_modules/${name}`;
  }
  yield `node_modules/${name}`;
}

/** The first of {@link nodeLookups} that `find` knows. */
export function findPackage<T>(folder: string, name: string, find: (folder: string) => T | undefined): T | undefined {
  for (const candidate of nodeLookups(folder, name)) {
    const found = find(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
