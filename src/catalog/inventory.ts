import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { PlimsollError } from '../error.ts';
import { type Image, type ImageLayer, packListing, squash, type Tree, treeOfLayers } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Artifact, Inventory, Unknown } from '../sbom/index.ts';
import { catalogers, catalogersKey } from './catalogers.ts';
import { combine } from './combine.ts';
import { type Alias, type Facts, factsBudget } from './facts.ts';
import type { Job } from './job.ts';
import { layerMemory } from './memory.ts';
import { otherRoots, packagesUnknown } from './package-database.ts';
import { runTasks } from './pool.ts';
import { type KnownLayer, squashFacts } from './view.ts';

export interface CatalogOptions {
  /** Folder of the layer memory; absent: nothing is remembered or recalled. */
  readonly memory?: string | undefined;
  /** Stored bytes read so far and, for images, in all. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

export async function catalogImage(image: Image, options: CatalogOptions = {}): Promise<Inventory> {
  const { reference, digest, indexDigest, platform, created, labels } = image;
  const layers = image.layers.map(({ digest, diffId, size, createdBy }) => ({ digest, diffId, size, createdBy }));
  const artifact: Artifact = { kind: 'image', reference, digest, indexDigest, platform, created, labels, layers };
  const unreadLayers = image.layers.flatMap(({ blob, foreign }, layer): Unknown[] =>
    blob === undefined ? [{ kind: 'unread-layer', layer, reason: foreign ?? 'it has no content' }] : [],
  );
  const memory = options.memory === undefined ? undefined : layerMemory(options.memory);
  const key = imageKey(image.layers);
  const remembered = key === undefined ? undefined : memory?.recall<Contents>(key);
  if (remembered !== undefined) return { artifact, ...remembered };

  const total = image.layers.reduce((sum, { blob, size }) => sum + (blob === undefined ? 0 : size), 0);
  const read = (jobs: readonly LayerJob[], onFacts?: OnFacts) => readLayers(jobs, total, options, onFacts);

  const { add, tree } = treeOfLayers();
  image.layers.forEach(({ blob }, index) => {
    if (blob === undefined) add(index, packListing([]));
  });
  const facts = await read(
    image.layers.flatMap((layer, index) => (layer.blob === undefined ? [] : [{ index, layer }])),
    (index, { listing }) => add(index, listing),
  );
  const contents = await contentsOf('image', image.layers.length, facts, tree, unreadLayers, (index, aliases) => {
    const layer = image.layers[index];
    return read(layer === undefined ? [] : [{ index, layer, aliases }]);
  });
  if (key !== undefined) memory?.remember(key, contents);
  return { artifact, ...contents };
}

export async function catalogDirectory(
  path: string,
  reference: string,
  options: CatalogOptions = {},
): Promise<Inventory> {
  const read = async (aliases?: readonly Alias[]) => {
    return runJob({ kind: 'directory', path, aliases }, options);
  };
  const facts = await read();
  const tree = treeOf(facts);
  const contents = await contentsOf('directory', 1, facts, tree, [], (_, aliases) => read(aliases));
  return { artifact: { kind: 'directory', reference }, ...contents };
}

export async function catalogFile(path: string, reference: string, options: CatalogOptions = {}): Promise<Inventory> {
  const facts = await runJob({ kind: 'file', path }, options);
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path)) digest.update(piece);
  const artifact: Artifact = { kind: 'file', reference, digest: `sha256:${digest.digest('hex')}` };
  return { artifact, ...(await contentsOf('file', 1, facts, treeOf(facts), [], async () => new Map())) };
}

interface LayerJob {
  readonly index: number;
  readonly layer: ImageLayer;
  readonly aliases?: readonly Alias[];
}

/** Hears of each layer's facts as soon as they are there, in any order. */
type OnFacts = (layer: number, facts: Facts) => void;
type FactsByLayer = ReadonlyMap<number, Facts>;

/** For what has no layers: its facts are those of a single one. */
async function runJob(job: Job, { onProgress }: CatalogOptions): Promise<FactsByLayer> {
  const facts = new Map<number, Facts>();
  let bytes = 0;
  await runTasks(
    [{ job }],
    (index, known) => facts.set(index, known),
    (more) => {
      bytes += more;
      onProgress?.(bytes, undefined);
    },
  );
  return facts;
}

function treeOf(facts: FactsByLayer): Tree {
  return squash([...facts.values()].map(({ listing }) => listing));
}

/** Recalls what is remembered and reads the rest, the largest layer first so that the threads end together. */
async function readLayers(
  jobs: readonly LayerJob[],
  total: number,
  options: CatalogOptions,
  onFacts?: OnFacts,
): Promise<FactsByLayer> {
  const memory = options.memory === undefined ? undefined : layerMemory(options.memory);
  const facts = new Map<number, Facts>();
  const withinBudget = factsBudget();
  const keep = (index: number, known: Facts) => {
    facts.set(index, withinBudget(known));
    onFacts?.(index, known);
  };
  let bytes = 0;
  const unknown = jobs.filter((job) => {
    const remembered = memory?.recall<Facts>(memoryKey(job));
    if (remembered === undefined) return true;
    keep(job.index, remembered);
    bytes += job.layer.size;
    return false;
  });
  const ordered = unknown.sort((a, b) => b.layer.size - a.layer.size);
  await runTasks(
    ordered.map((job) => ({
      job: { kind: 'layer', layer: job.layer, aliases: job.aliases },
      memory: options.memory === undefined ? undefined : { folder: options.memory, key: memoryKey(job) },
    })),
    (at, known) => {
      const job = ordered[at];
      if (job !== undefined) keep(job.index, known);
    },
    (more) => {
      bytes += more;
      options.onProgress?.(bytes, total);
    },
  );
  if (ordered.length > 0) memory?.prune();
  return facts;
}

/** Everything that what we know of a layer depends on. */
function memoryKey({ layer, aliases }: LayerJob): string {
  return JSON.stringify([catalogersKey, layer.digest, layer.diffId ?? '', aliases ?? []]);
}

/**
 * The same for all layers of an image together. What they come to depends on more of the program than a layer's facts do,
 * so it is remembered for one build of it: the name of a built file has the hash of all that is in it. Sources have none.
 */
function imageKey(layers: readonly ImageLayer[]): string | undefined {
  const build = basename(import.meta.url);
  if (build.endsWith('.ts')) return undefined;
  const each = layers.map(({ digest, diffId, blob, foreign }) => [digest, diffId, blob === undefined, foreign]);
  return JSON.stringify(['image', build, catalogersKey, each]);
}

/** What an artifact's layers come to, laid over one another. */
type Contents = Omit<Inventory, 'artifact'>;

async function contentsOf(
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
