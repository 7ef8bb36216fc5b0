import { PlimsollError } from '../error.ts';
import type { Descriptor, ImageStore } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Attached, Attachments, Source } from './attachment.ts';
import { isBundleType, readBundle } from './bundle.ts';
import { isLegacyLayer, isLegacyType, legacyClaim, legacyLayerTypes, legacyTag, loadLegacy } from './legacy.ts';
import { malformed } from './malformed.ts';
import { type CarrierManifest, readCarrier } from './manifest.ts';

/** Annotations of a referrer that carries a bundle (Sigstore, "OCI bundle specification"). */
export const bundleAnnotations = {
  content: 'dev.sigstore.bundle.content',
  predicateType: 'dev.sigstore.bundle.predicateType',
} as const;

/** Types that say nothing: those of a manifest whose `artifactType` was not understood by the registry. */
const emptyType = 'application/vnd.oci.empty.v1+json';
const loadedAtOnce = 8;

/** What somebody asks for, by its predicate type. */
export interface Wanted {
  /** Image signatures, in the form that has no predicate type. */
  readonly signatures: boolean;
  readonly type: (predicateType: string) => boolean;
}

interface Candidate {
  readonly source: Source;
  readonly size: number;
  readonly load: () => Promise<Attached>;
}

type Finding =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'faulty'; readonly source: Source; readonly error: PlimsollError }
  | { readonly kind: 'passed-over'; readonly source: Source; readonly predicateType: string }
  | { readonly kind: 'other'; readonly descriptor: Descriptor };

/**
 * Finds what is attached to the manifest `digest` and reads it: bundles among its referrers, then the legacy tags, both
 * always. What cannot be read is in the answer, and keeps nothing else from being read.
 */
export async function findAttachments(store: ImageStore, digest: string, wanted: Wanted): Promise<Attachments> {
  const found = (
    await Promise.all([
      fromReferrers(store, digest, wanted),
      wanted.signatures ? fromTag(store, legacyTag(digest, 'sig'), wanted) : [],
      fromTag(store, legacyTag(digest, 'att'), wanted),
    ])
  ).flat();
  const candidates = found.flatMap((each) => (each.kind === 'candidate' ? [each.candidate] : []));
  const loaded = await inParallel(withinLimits(candidates), ({ candidate, error }) =>
    error === undefined ? attempt(candidate.source, candidate.load) : { source: candidate.source, error },
  );
  return {
    attached: loaded.flatMap((each) => ('error' in each ? [] : [each])),
    faulty: [
      ...found.flatMap((each) => (each.kind === 'faulty' ? [{ source: each.source, error: each.error }] : [])),
      ...loaded.flatMap((each) => ('error' in each ? [each] : [])),
    ],
    passedOver: found.flatMap((each) =>
      each.kind === 'passed-over' ? [{ source: each.source, predicateType: each.predicateType }] : [],
    ),
    others: found.flatMap((each) => (each.kind === 'other' ? [each.descriptor] : [])),
  };
}

async function fromReferrers(store: ImageStore, digest: string, wanted: Wanted): Promise<readonly Finding[]> {
  const source: Source = { form: 'bundle', place: digest, digest };
  const listed = await attempt(source, () => store.referrers(digest));
  if ('error' in listed) return [{ kind: 'faulty', ...listed }];
  return (await inParallel(listed, (descriptor) => fromReferrer(store, digest, descriptor, wanted))).flat();
}

async function fromReferrer(
  store: ImageStore,
  subject: string,
  descriptor: Descriptor,
  wanted: Wanted,
): Promise<readonly Finding[]> {
  const { artifactType, annotations } = descriptor;
  const known = artifactType !== undefined && artifactType !== emptyType;
  if (known && !isBundleType(artifactType) && !isLegacyType(artifactType)) return [{ kind: 'other', descriptor }];
  const source: Source = { form: 'bundle', place: descriptor.digest, digest: descriptor.digest };
  const claim = annotations?.[bundleAnnotations.predicateType];
  if (claim !== undefined && !wanted.type(claim)) return [{ kind: 'passed-over', source, predicateType: claim }];
  const carrier = await attempt(source, () => readReferrer(store, subject, descriptor.digest));
  if ('error' in carrier) return [{ kind: 'faulty', ...carrier }];
  if (carrier.layers.some(isLegacyLayer)) return fromLegacy(store, carrier, descriptor.digest, wanted);
  const layers = carrier.layers.filter(({ mediaType }) => isBundleType(mediaType));
  const [layer] = layers;
  if (layer === undefined && !known) return [{ kind: 'other', descriptor }];
  if (layer === undefined || layers.length > 1) {
    return [{ kind: 'faulty', source, error: malformed('manifest', 'it has not exactly one layer that is a bundle') }];
  }
  return [bundleCandidate(store, carrier, layer, { ...source, digest: layer.digest }, claim, wanted)];
}

function bundleCandidate(
  store: ImageStore,
  carrier: CarrierManifest,
  layer: Descriptor,
  source: Source,
  listedClaim: string | undefined,
  wanted: Wanted,
): Finding {
  const ownClaim = carrier.annotations[bundleAnnotations.predicateType];
  if (ownClaim !== undefined && !wanted.type(ownClaim)) return { kind: 'passed-over', source, predicateType: ownClaim };
  const claims = [listedClaim, ownClaim].filter((each) => each !== undefined);
  const kind = carrier.annotations[bundleAnnotations.content];
  return {
    kind: 'candidate',
    candidate: {
      source,
      size: layer.size,
      async load() {
        const bundle = readBundle(await store.blob(layer, limits.attachmentBytes));
        const expected = bundle.content.kind === 'envelope' ? 'dsse-envelope' : 'message-signature';
        if (kind !== undefined && kind !== expected) {
          throw malformed(
            'manifest',
            `its annotation ${bundleAnnotations.content} says ${kind}, the bundle is a ${expected}`,
          );
        }
        return { source, sealed: { kind: 'bundle', bundle }, claims };
      },
    },
  };
}

async function readReferrer(store: ImageStore, subject: string, digest: string): Promise<CarrierManifest> {
  const stored = await store.manifest(digest);
  if (stored === undefined) {
    throw new PlimsollError('trust/attachment-missing', `${digest} is listed as attached and is not there`, {
      hint: 'It was deleted, or is still being pushed. Sign or attest again.',
    });
  }
  if (stored.digest !== digest) throw malformed('manifest', `it has the digest ${stored.digest}, not ${digest}`);
  const carrier = readCarrier(stored.bytes);
  if (carrier.subject?.digest !== subject) {
    throw malformed('manifest', `its subject is ${carrier.subject?.digest ?? 'missing'}, not ${subject}`);
  }
  return carrier;
}

async function fromTag(store: ImageStore, tag: string, wanted: Wanted): Promise<readonly Finding[]> {
  const source: Source = { form: 'legacy', place: tag, digest: '' };
  const carrier = await attempt(source, async () => {
    const stored = await store.manifest(tag);
    return stored === undefined ? { layers: [], annotations: {} } : readCarrier(stored.bytes);
  });
  return 'error' in carrier ? [{ kind: 'faulty', ...carrier }] : fromLegacy(store, carrier, tag, wanted);
}

function fromLegacy(store: ImageStore, carrier: CarrierManifest, place: string, wanted: Wanted): readonly Finding[] {
  return carrier.layers.filter(isLegacyLayer).flatMap((layer): readonly Finding[] => {
    const source: Source = { form: 'legacy', place, digest: layer.digest };
    const claim = legacyClaim(layer);
    if (layer.mediaType === legacyLayerTypes.signature) {
      if (!wanted.signatures) return [];
    } else if (claim !== undefined && !wanted.type(claim)) {
      return [{ kind: 'passed-over', source, predicateType: claim }];
    }
    const load = () => loadLegacy(store, layer, source);
    return [{ kind: 'candidate', candidate: { source, size: layer.size, load } }];
  });
}

/** Those that are over the limits, in their order, have an error instead of being loaded. */
function withinLimits(candidates: readonly Candidate[]) {
  let bytes = 0;
  return candidates.map((candidate, index) => {
    bytes += candidate.size;
    const over =
      index >= limits.attachmentsRead
        ? `more than ${limits.attachmentsRead} signatures and attestations`
        : bytes > limits.attachedBytes
          ? `signatures and attestations of more than ${limits.attachedBytes} bytes`
          : undefined;
    return over === undefined ? { candidate } : { candidate, error: tooMuch(over) };
  });
}

function tooMuch(what: string): PlimsollError {
  return new PlimsollError('trust/too-many-attachments', `This is not read: the image has ${what}`, {
    hint: 'Delete what is not needed from the registry, or ask for one type of attestation.',
  });
}

async function attempt<T>(source: Source, read: () => Promise<T>) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PlimsollError) return { source, error };
    throw error;
  }
}

/** In order, a few at a time. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  each: (item: Item) => Result | Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await each(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(loadedAtOnce, items.length) }, work));
  return results;
}
