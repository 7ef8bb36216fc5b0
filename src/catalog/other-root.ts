import type { Tree } from '../image/index.ts';
import type { Unknown } from '../sbom/index.ts';

const database =
  /^(.+)\/((?:var\/lib\/dpkg\/status(?:\.d\/[^/]+)?)|(?:usr\/)?lib\/apk\/db\/installed|(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/(?:rpmdb\.sqlite|Packages(?:\.db)?))$/s;

/**
 * Package databases of other systems in the artifact: a root to change into, images that it carries. Their distribution
 * is another one, so that they are not listed with its packages; each is reported once.
 */
export function otherRoots(tree: Pick<Tree, 'entries' | 'file'>): readonly Unknown[] {
  const roots = new Map<string, Unknown>();
  for (const entry of tree.entries()) {
    const [, root, place] = (entry.kind === 'file' && database.exec(entry.path)) || [];
    if (entry.kind !== 'file' || root === undefined || place === undefined || roots.has(root)) continue;
    if (root === 'usr' && place.startsWith('lib/apk/')) continue;
    // The artifact's own may lie elsewhere, behind a link.
    if (tree.file(place)?.path === entry.path) continue;
    roots.set(root, {
      kind: 'unread-file',
      path: entry.path,
      layer: entry.content.layer,
      cataloger: 'other-root',
      reason: `it is the package database of another system, in ${root}: its packages are not listed; scan that folder on its own`,
    });
  }
  return [...roots.values()];
}
