import type { Tree } from '../image/index.ts';
import type { Component, Distro, Unknown } from '../sbom/index.ts';
import { osRelease, osReleasePaths } from './distro.ts';
import type { Facts } from './facts.ts';

const place =
  /^(?:var\/lib\/dpkg\/status(?:\.d\/[^/]+)?|(?:usr\/)?lib\/apk\/db\/installed|(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?))$/s;
/** How the folders of such places end. */
const placeFolder = /\/(?:dpkg|status\.d|apk\/db|rpm)\/$/;
const belowOtherRoot = new RegExp(`^(.+?)/(${place.source.slice(1, -1)})$`, 's');

/**
 * A distribution without a single package of its own: its database was removed, or is kept in a way that nobody here
 * reads (Chisel's manifests, Nix). What it is made of is unknown then, not nothing. Where even its name was removed, a
 * layer below still has the database: what it lists may well be there.
 *
 * @param layers what each of them says, oldest first
 */
export function packagesUnknown(
  distro: Distro | undefined,
  components: readonly Pick<Component, 'type'>[],
  tree: Pick<Tree, 'file'>,
  layers: readonly (Pick<Facts, 'fragments'> | undefined)[],
): Unknown | undefined {
  if (components.some(({ type }) => type === 'deb' || type === 'apk' || type === 'rpm')) return undefined;
  const removed = layers.flatMap((facts, layer) => {
    const database = facts?.fragments.find(({ file, fragment }) => place.test(file) && namesPackages(fragment));
    return database === undefined ? [] : [{ path: database.file, layer, cataloger: database.cataloger }];
  });
  const last = removed.at(-1);
  if (last !== undefined)
    return {
      kind: 'unread-file',
      ...last,
      reason: 'a later layer removes or replaces it: the packages that it lists may still be there',
    };
  if (distro === undefined) return undefined;
  const [named] = osReleasePaths.filter((path) => tree.file(path) !== undefined);
  return {
    kind: 'unread-file',
    path: named ?? 'etc/os-release',
    layer: named === undefined ? undefined : tree.file(named)?.layer,
    cataloger: osRelease.name,
    reason: `it names ${distro.name}, of which no package database is there: its packages are not known`,
  };
}

/** An empty database lists nothing; as the facts of a layer have it, it is JSON. */
function namesPackages(fragment: string): boolean {
  return fragment.includes('"name":');
}

/**
 * Package databases of other systems in the artifact: a root to change into, images that it carries. Their distribution
 * is another one, so that they are not listed with its packages; each is reported once.
 */
export function otherRoots(tree: Pick<Tree, 'visit' | 'file'>): readonly Unknown[] {
  const roots = new Map<string, Unknown>();
  tree.visit((folder) => {
    if (!placeFolder.test(folder)) return undefined;
    return (name, layer) => {
      const path = folder + name;
      if (place.test(path)) return;
      const [, root, database] = belowOtherRoot.exec(path) ?? [];
      if (root === undefined || database === undefined || roots.has(root)) return;
      // The artifact's own may lie elsewhere, behind a link.
      if (tree.file(database)?.path === path) return;
      roots.set(root, {
        kind: 'unread-file',
        path,
        layer,
        cataloger: 'other-root',
        reason: `it is the package database of another system, in ${root}: its packages are not listed; scan that folder on its own`,
      });
    };
  });
  return [...roots.values()];
}
