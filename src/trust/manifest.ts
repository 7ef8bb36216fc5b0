import { type Descriptor, inexactName, isRecord, parseDescriptor, repeatedName } from '../image/index.ts';
import { limits } from '../limits.ts';
import { malformed, parseSigned } from './malformed.ts';

/** A manifest that carries signatures or attestations as its layers. */
export interface CarrierManifest {
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string | undefined;
  readonly subject?: Descriptor | undefined;
}

export const carrierMediaType = 'application/vnd.oci.image.manifest.v1+json';

/** @throws PlimsollError `trust/bad-manifest` */
export function readCarrier(bytes: Buffer): CarrierManifest {
  const json = parseSigned(bytes, 'manifest', limits.manifestBytes);
  if (!isRecord(json) || !Array.isArray(json['layers'])) throw malformed('manifest', 'it has no layers');
  const { artifactType, subject } = json;
  if (json['layers'].length > limits.layersPerImage) {
    throw malformed('manifest', `it has ${json['layers'].length} layers, over ${limits.layersPerImage}`);
  }
  return {
    layers: json['layers'].map((layer) => readDescriptor(layer, 'a layer')),
    annotations: isRecord(json['annotations']) ? textsIn(json['annotations']) : {},
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(subject === undefined || subject === null ? {} : { subject: readDescriptor(subject, 'its subject') }),
  };
}

/** The manifests that an index names; `undefined`: it is no index. @throws PlimsollError `trust/bad-manifest` */
export function readChildren(bytes: Buffer): readonly Descriptor[] | undefined {
  const json = parseSigned(bytes, 'manifest', limits.manifestBytes);
  if (!isRecord(json)) throw malformed('manifest', 'it is not an object');
  const inexact = inexactName(json, 'manifest') ?? repeatedName(bytes.toString('utf8'));
  if (inexact !== undefined) {
    throw malformed('manifest', `"${inexact.slice(0, 40)}" in it means different things to readers`);
  }
  const { manifests } = json;
  if (manifests === undefined) return undefined;
  if (!Array.isArray(manifests)) throw malformed('manifest', 'its manifests are not a list');
  // Whoever reads it as an image would see something else than whoever reads it as an index.
  if (json['layers'] !== undefined || json['config'] !== undefined) {
    throw malformed('manifest', 'it can be read as an index and as an image at once');
  }
  if (manifests.length > limits.manifestsPerIndex) {
    throw malformed('manifest', `it names ${manifests.length} manifests, over ${limits.manifestsPerIndex}`);
  }
  return manifests.map((child) => readDescriptor(child, 'a manifest that it names'));
}

function readDescriptor(json: unknown, what: string): Descriptor {
  const descriptor = parseDescriptor(json);
  if (descriptor === undefined) throw malformed('manifest', `${what} is not a descriptor`);
  return descriptor;
}

function textsIn(json: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
