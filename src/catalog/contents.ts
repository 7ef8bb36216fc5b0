import { PlimsollError } from '../error.ts';
import type { Tree } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Artifact, Inventory, Unknown } from '../sbom/index.ts';
import { catalogers, catalogersKey } from './catalogers.ts';
import { combine } from './combine.ts';
import type { Alias, Facts } from './facts.ts';
import { otherRoots, packagesUnknown } from './package-database.ts';
import { type KnownLayer, squashFacts } from './view.ts';

/** What an artifact's layers come to, laid over one another. */
export type Contents = Omit<Inventory, 'artifact'>;

/** What is known of each layer that could be read. */
export type FactsByLayer = ReadonlyMap<number, Facts>;

export { catalogersKey };

export async function contentsOf(
  kind: Artifact['kind'],
  layerCount: number,
  facts: FactsByLayer,
  tree: Tree,
  unreadLayers: readonly Unknown[],
  reread: (layer: number, aliases: readonly Alias[]) => Promise<FactsByLayer>,
): Promise<Contents> {
  const known = Array.from({ length: layerCount }, (_, index): KnownLayer => ({ facts: facts.get(index) }));
  let squashed = squashFacts(catalogers, known, tree);
  if (squashed.missing.length > 0) {
    const again = Map.groupBy(squashed.missing, ({ layer }) => layer);
    for (const [layer, missing] of again) {
      const aliases = missing.map(({ file, as }) => ({ file, as }));
      known[layer] = { facts: facts.get(layer), reread: (await reread(layer, aliases)).get(layer) };
    }
    squashed = squashFacts(catalogers, known, tree);
  }
  const { view, unread } = squashed;
  const [distro] = catalogers.flatMap((cataloger) => cataloger.distro?.(view(cataloger)) ?? []);
  let count = 0;
  const found = catalogers.map((cataloger) => {
    const components = cataloger.assemble(view(cataloger), distro);
    count += components.length;
    if (count > limits.componentsPerArtifact) throw tooMany();
    return { foundBy: cataloger.name, tellsScope: cataloger.tells.development, components };
  });
  const inImage = kind === 'image';
  const components = combine(found, tree, inImage);
  const lost = packagesUnknown(
    distro,
    components,
    tree,
    known.map((layer) => layer.facts),
  );
  return {
    distro,
    components,
    unknown: [
      ...unreadLayers,
      ...[...(lost === undefined ? [] : [lost]), ...otherRoots(tree), ...unread].map((item) =>
        inImage || item.kind !== 'unread-file' ? item : { ...item, layer: undefined },
      ),
    ],
  };
}

function tooMany(): PlimsollError {
  return new PlimsollError(
    'catalog/too-many-components',
    `There are more than ${limits.componentsPerArtifact} packages in it`,
    { hint: 'No ordinary image or folder has that many. Inspect it by hand, or name a smaller folder.' },
  );
}
