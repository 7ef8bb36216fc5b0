/** For the tests of catalogers: runs one over files that the test makes, the way the engine does. */
import { PlimsollError } from '../error.ts';
import type { Distro } from '../sbom/index.ts';
import type { Cataloged, Cataloger, Found, Json } from './cataloger.ts';
import { contentOf } from './content.ts';
import { compilePatterns } from './pattern.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/**
 * `layers`: files by path, oldest layer first; a later layer's file hides an earlier one. `binaries` are handed to the
 * cataloger whatever their path. `links` are symbolic links, by path, to the paths of files or folders. Throws what is not a
 * `PlimsollError`.
 */
export function catalogFiles<Fragment extends Json>(
  cataloger: Cataloger<Fragment>,
  layers: Files | readonly Files[],
  options: {
    readonly distro?: Distro;
    readonly binaries?: boolean;
    readonly links?: Readonly<Record<string, string>>;
  } = {},
): { components: readonly Cataloged[]; unread: readonly { path: string; code: string; message: string }[] } {
  const patterns = compilePatterns([cataloger.files]);
  const unread: { path: string; code: string; message: string }[] = [];
  const history = new Map<string, Found<Fragment>[]>();
  const paths = new Set<string>();
  [layers].flat().forEach((files: Files, layer) => {
    for (const [path, data] of Object.entries(files)) {
      paths.add(path);
      if (patterns.match(path).length === 0 && options.binaries !== true) continue;
      try {
        const fragment = cataloger.read({
          path,
          content: contentOf([Buffer.from(data as Uint8Array)]),
          unread: (part, reason) => unread.push({ path: part, code: 'catalog/unread-part', message: reason }),
        });
        if (fragment !== undefined)
          history.set(path, [...(history.get(path) ?? []), { path, layer, fragment: remembered(fragment) }]);
      } catch (thrown) {
        if (!(thrown instanceof PlimsollError)) throw thrown;
        unread.push({ path, code: thrown.code, message: thrown.message });
      }
    }
  });
  const links = new Map(Object.entries(options.links ?? {}));
  const target = (path: string) => links.get(path) ?? path;
  const visible = (path: string) => history.get(target(path))?.at(-1);
  const components = cataloger.assemble(
    {
      found: [...history.keys()].sort().flatMap((path) => visible(path) ?? []),
      get: visible,
      history: (path) => history.get(target(path)) ?? [],
      linkedFolders: (name) => [...links].flatMap(([path, folder]) => (name.test(path) ? [{ path, folder }] : [])),
      exists: (path) => [...paths].some((known) => known === target(path) || known.startsWith(`${path}/`)),
    },
    options.distro,
  );
  return { components, unread };
}

/** Through JSON, as the layer memory keeps it, so that a fragment which does not survive that fails its test. */
function remembered<T extends Json>(fragment: T): T {
  return JSON.parse(JSON.stringify(fragment));
}
