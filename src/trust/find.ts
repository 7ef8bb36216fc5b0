import { PlimsollError } from '../error.ts';
import type { Descriptor, ImageStore } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Attached, Attachments, Faulty, PassedOver, Source } from './attachment.ts';
import { isBundleType, readBundle } from './bundle.ts';
import { isLegacyLayer, isLegacyType, legacyClaim, legacyLayerTypes, legacyTag, loadLegacy } from './legacy.ts';
import { malformed } from './malformed.ts';
import { type CarrierManifest, readCarrier } from './manifest.ts';

/** Annotations of a referrer that carries a bundle (Sigstore, "OCI bundle specification"). */
export const bundleAnnotations = {
  content: 'dev.sigstore.bundle.content',
  predicateType: 'dev.sigstore.bundle.predicateType',
} as const;

/** The type of a manifest whose `artifactType` the registry did not understand: that of its empty configuration. */
const emptyType = 'application/vnd.oci.empty.v1+json';
const readAtOnce = 8;

/** What somebody asks for. */
export interface Wanted {
  /** Image signatures in the form that has no predicate type. */
  readonly signatures: boolean;
  readonly type: (predicateType: string) => boolean;
}

/** How far reading may go, over everything that is attached to one artifact. */
interface Budget {
  read: number;
  bytes: number;
}

type Finding<T> =
  | { readonly kind: 'used'; readonly result: T }
  | ({ readonly kind: 'faulty' } & Faulty)
  | ({ readonly kind: 'passed-over' } & PassedOver)
  | { readonly kind: 'other'; readonly descriptor: Descriptor };

interface Search<T> {
  readonly store: ImageStore;
  /** Of the manifest that things are attached to. */
  readonly digest: string;
  readonly wanted: Wanted;
  readonly use: (attached: Attached) => T | Promise<T>;
  readonly budget: Budget;
}

/**
 * Finds what is attached to the manifest `digest`, bundles among its referrers and then the legacy tags, always both, reads
 * it and hands each signature or attestation to `use`. What cannot be read, and what `use` throws an error for, is in the
 * answer, and keeps nothing else from being read.
 */
export async function readAttachments<T>(
  store: ImageStore,
  digest: string,
  wanted: Wanted,
  use: (attached: Attached) => T | Promise<T>,
): Promise<Attachments<T>> {
  const search: Search<T> = { store, digest, wanted, use, budget: { read: 0, bytes: 0 } };
  const found = (
    await Promise.all([fromReferrers(search), wanted.signatures ? fromTag(search, 'sig') : [], fromTag(search, 'att')])
  ).flat();
  return {
    used: found.flatMap((each) => (each.kind === 'used' ? [each.result] : [])),
    faulty: found.flatMap((each) => (each.kind === 'faulty' ? [{ source: each.source, error: each.error }] : [])),
    passedOver: found.flatMap((each) =>
      each.kind === 'passed-over' ? [{ source: each.source, predicateType: each.predicateType }] : [],
    ),
    others: found.flatMap((each) => (each.kind === 'other' ? [each.descriptor] : [])),
  };
}

async function fromReferrers<T>(search: Search<T>): Promise<readonly Finding<T>[]> {
  const { store, digest } = search;
  return orFaulty({ form: 'bundle', place: digest }, async () => {
    const listed = await store.referrers(digest);
    return (await inParallel(listed, (descriptor) => fromReferrer(search, descriptor))).flat();
  });
}

async function fromReferrer<T>(search: Search<T>, descriptor: Descriptor): Promise<readonly Finding<T>[]> {
  const { store, digest, wanted, budget } = search;
  const { artifactType, annotations } = descriptor;
  const known = artifactType !== undefined && artifactType !== emptyType;
  if (known && !isBundleType(artifactType) && !isLegacyType(artifactType)) return [{ kind: 'other', descriptor }];
  const source: Source = { form: 'bundle', place: descriptor.digest };
  const claim = annotations?.[bundleAnnotations.predicateType];
  if (claim !== undefined && !wanted.type(claim)) return [{ kind: 'passed-over', source, predicateType: claim }];
  return orFaulty(source, async () => {
    spend(budget, descriptor.size, 1);
    const carrier = await readReferrer(store, digest, descriptor.digest);
    if (carrier.layers.some(isLegacyLayer)) return fromLegacy(search, carrier, descriptor.digest);
    const layers = carrier.layers.filter(({ mediaType }) => isBundleType(mediaType));
    const [layer] = layers;
    if (layer === undefined && !known) return [{ kind: 'other', descriptor }];
    if (layer === undefined || layers.length > 1) {
      throw malformed('manifest', 'it has not exactly one layer that is a bundle');
    }
    return fromBundle(search, carrier, layer, { ...source, digest: layer.digest }, claim);
  });
}

async function fromBundle<T>(
  { store, wanted, use, budget }: Search<T>,
  carrier: CarrierManifest,
  layer: Descriptor,
  source: Source,
  listedClaim: string | undefined,
): Promise<readonly Finding<T>[]> {
  const ownClaim = carrier.annotations[bundleAnnotations.predicateType];
  if (ownClaim !== undefined && !wanted.type(ownClaim)) {
    return [{ kind: 'passed-over', source, predicateType: ownClaim }];
  }
  return orFaulty(source, async () => {
    spend(budget, layer.size, 0);
    const bundle = readBundle(await store.blob(layer, limits.attachmentBytes));
    const says = carrier.annotations[bundleAnnotations.content];
    const is = bundle.content.kind === 'envelope' ? 'dsse-envelope' : 'message-signature';
    if (says !== undefined && says !== is) {
      throw malformed('manifest', `its annotation ${bundleAnnotations.content} says ${says}, the bundle is a ${is}`);
    }
    const claims = [listedClaim, ownClaim].filter((each) => each !== undefined);
    return [{ kind: 'used', result: await use({ source, sealed: { kind: 'bundle', bundle }, claims }) }];
  });
}

async function readReferrer(store: ImageStore, subject: string, digest: string): Promise<CarrierManifest> {
  const stored = await store.manifest(digest);
  if (stored === undefined) {
    throw new PlimsollError('trust/attachment-missing', `${digest} is listed as attached and is not there`, {
      hint: 'It was deleted, or is still being pushed. Sign or attest again.',
      kind: 'unavailable',
    });
  }
  if (stored.digest !== digest) throw malformed('manifest', `it has the digest ${stored.digest}, not ${digest}`);
  const carrier = readCarrier(stored.bytes);
  if (carrier.subject?.digest !== subject) {
    throw malformed('manifest', `its subject is ${carrier.subject?.digest ?? 'missing'}, not ${subject}`);
  }
  return carrier;
}

async function fromTag<T>(search: Search<T>, suffix: 'sig' | 'att'): Promise<readonly Finding<T>[]> {
  const tag = legacyTag(search.digest, suffix);
  if (tag === undefined) return [];
  return orFaulty({ form: 'legacy', place: tag }, async () => {
    const stored = await search.store.manifest(tag);
    return stored === undefined ? [] : fromLegacy(search, readCarrier(stored.bytes), tag);
  });
}

async function fromLegacy<T>(
  { store, wanted, use, budget }: Search<T>,
  carrier: CarrierManifest,
  place: string,
): Promise<readonly Finding<T>[]> {
  const found = await inParallel(carrier.layers.filter(isLegacyLayer), (layer): Promise<readonly Finding<T>[]> => {
    const source: Source = { form: 'legacy', place, digest: layer.digest };
    return orFaulty(source, async () => {
      const claim = legacyClaim(layer);
      if (layer.mediaType === legacyLayerTypes.signature) {
        if (!wanted.signatures) return [];
      } else if (claim !== undefined && !wanted.type(claim)) {
        return [{ kind: 'passed-over', source, predicateType: claim }];
      }
      spend(budget, layer.size, 1);
      return [{ kind: 'used', result: await use(await loadLegacy(store, layer, source)) }];
    });
  });
  return found.flat();
}

/** @throws PlimsollError `trust/too-many-attachments` */
function spend(budget: Budget, bytes: number, attachments: 0 | 1): void {
  budget.read += attachments;
  budget.bytes += bytes;
  const over =
    budget.read > limits.attachmentsRead
      ? `more than ${limits.attachmentsRead} signatures and attestations`
      : budget.bytes > limits.attachedBytes
        ? `signatures and attestations of more than ${limits.attachedBytes} bytes`
        : undefined;
  if (over === undefined) return;
  throw new PlimsollError('trust/too-many-attachments', `This is not read: the image has ${over}`, {
    hint: 'Delete what is not needed from the registry, or ask for one type of attestation.',
    kind: 'unavailable',
  });
}

async function orFaulty<T>(source: Source, read: () => Promise<readonly Finding<T>[]>): Promise<readonly Finding<T>[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PlimsollError) return [{ kind: 'faulty', source, error }];
    throw error;
  }
}

/** In order, a few at a time. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  each: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await each(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(readAtOnce, items.length) }, work));
  return results;
}
