import { isDigest } from './digest.ts';

/** What a manifest or a list says of another document (OCI image-spec v1.1, "OCI Content Descriptors"), as far as it matters here. */
export interface Descriptor {
  readonly mediaType: string;
  /** Of an algorithm that can be checked. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform?:
    | { readonly os: string; readonly architecture: string; readonly variant?: string | undefined }
    | undefined;
}

const longestText = 255;

/** Whether `json` is a JSON object; its properties are unknown, and only its own. */
export function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The JSON object in `bytes`; what holds none is an empty one. */
export function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

/** Reads a descriptor; `undefined`: it is none. By hand, so that whoever only verifies does not pay for loading a schema library. */
export function parseDescriptor(json: unknown): Descriptor | undefined {
  if (!isRecord(json)) return undefined;
  const { mediaType, digest, size, artifactType, annotations, platform } = json;
  if (!isShortText(mediaType) || !isShortText(digest) || !isDigest(digest)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined;
  if (!isAbsent(artifactType) && !isShortText(artifactType)) return undefined;
  if (!isAbsent(annotations) && !isTextRecord(annotations)) return undefined;
  return {
    mediaType,
    digest,
    size,
    ...(isAbsent(artifactType) || artifactType === '' ? {} : { artifactType }),
    ...(isAbsent(annotations) ? {} : { annotations }),
    ...platformIn(platform),
  };
}

function platformIn(json: unknown): Pick<Descriptor, 'platform'> {
  if (!isRecord(json) || !isShortText(json['os']) || !isShortText(json['architecture'])) return {};
  const { os, architecture, variant } = json;
  return { platform: { os, architecture, ...(isShortText(variant) ? { variant } : {}) } };
}

function isShortText(json: unknown): json is string {
  return typeof json === 'string' && json.length <= longestText;
}

function isAbsent(json: unknown): json is undefined | null {
  return json === undefined || json === null;
}

function isTextRecord(json: unknown): json is Readonly<Record<string, string>> {
  return isRecord(json) && Object.values(json).every((value) => typeof value === 'string');
}
