import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { type Image, type ImageLayer, packListing, squash, type Tree, treeOfLayers } from '../image/index.ts';
import type { Artifact, Inventory, Unknown } from '../sbom/index.ts';
import type { Contents, FactsByLayer } from './contents.ts';
import { type Alias, type Facts, factsBudget } from './facts.ts';
import type { Job } from './job.ts';
import { layerMemory } from './memory.ts';
import { startThreads, type Threads } from './pool.ts';

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

  const readable = image.layers.flatMap((layer, index) => (layer.blob === undefined ? [] : [{ index, layer }]));
  const contents = await withCatalogers(readable.length, async ({ contentsOf, catalogersKey }, threads) => {
    const total = readable.reduce((sum, { layer }) => sum + layer.size, 0);
    const reading = { ...options, total, catalogersKey };
    const { add, tree } = treeOfLayers();
    image.layers.forEach(({ blob }, index) => {
      if (blob === undefined) add(index, packListing([]));
    });
    const facts = await readLayers(
      readable,
      () => threads,
      reading,
      (index, { listing }) => add(index, listing),
    );
    return contentsOf('image', image.layers.length, facts, tree, unreadLayers, (index, aliases) => {
      const layer = image.layers[index];
      return readLayers(layer === undefined ? [] : [{ index, layer, aliases }], () => startThreads(1), reading);
    });
  });
  if (key !== undefined) memory?.remember(key, contents);
  return { artifact, ...contents };
}

export async function catalogDirectory(
  path: string,
  reference: string,
  options: CatalogOptions = {},
): Promise<Inventory> {
  const contents = await withCatalogers(1, async ({ contentsOf }, threads) => {
    const facts = await runJob({ kind: 'directory', path }, threads, options);
    return contentsOf('directory', 1, facts, treeOf(facts), [], (_, aliases) =>
      runJob({ kind: 'directory', path, aliases }, startThreads(1), options),
    );
  });
  return { artifact: { kind: 'directory', reference }, ...contents };
}

export async function catalogFile(path: string, reference: string, options: CatalogOptions = {}): Promise<Inventory> {
  const contents = await withCatalogers(1, async ({ contentsOf }, threads) => {
    const facts = await runJob({ kind: 'file', path }, threads, options);
    return contentsOf('file', 1, facts, treeOf(facts), [], async () => new Map());
  });
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path)) digest.update(piece);
  return { artifact: { kind: 'file', reference, digest: `sha256:${digest.digest('hex')}` }, ...contents };
}

type Cataloging = typeof import('./contents.ts');

/** The catalogers are half of the program, and what is remembered does not need them: they load while the threads start. */
async function withCatalogers(
  tasks: number,
  use: (cataloging: Cataloging, threads: Threads) => Promise<Contents>,
): Promise<Contents> {
  const threads = startThreads(tasks);
  try {
    return await use(await import('./contents.ts'), threads);
  } finally {
    await threads.end();
  }
}

interface LayerJob {
  readonly index: number;
  readonly layer: ImageLayer;
  readonly aliases?: readonly Alias[];
}

interface Reading extends CatalogOptions {
  /** Stored bytes of all layers. */
  readonly total: number;
  readonly catalogersKey: Cataloging['catalogersKey'];
}

/** Hears of each layer's facts as soon as they are there, in any order. */
type OnFacts = (layer: number, facts: Facts) => void;

/** For what has no layers: its facts are those of a single one. */
async function runJob(job: Job, threads: Threads, { onProgress }: CatalogOptions): Promise<FactsByLayer> {
  const facts = new Map<number, Facts>();
  let bytes = 0;
  await threads.run(
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
  threads: () => Threads,
  { total, catalogersKey, ...options }: Reading,
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
    const remembered = memory?.recall<Facts>(memoryKey(job, catalogersKey));
    if (remembered === undefined) return true;
    keep(job.index, remembered);
    bytes += job.layer.size;
    return false;
  });
  if (unknown.length === 0) return facts;
  const ordered = unknown.sort((a, b) => b.layer.size - a.layer.size);
  await threads().run(
    ordered.map((job) => ({
      job: { kind: 'layer', layer: job.layer, aliases: job.aliases },
      memory: options.memory === undefined ? undefined : { folder: options.memory, key: memoryKey(job, catalogersKey) },
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
  memory?.prune();
  return facts;
}

/** Everything that what we know of a layer depends on. */
function memoryKey({ layer, aliases }: LayerJob, catalogersKey: string): string {
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
  return JSON.stringify(['image', build, each]);
}
