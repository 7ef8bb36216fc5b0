import { isImageConfigType } from './media-type.ts';

/** A descriptor as an index lists it, whoever read it. */
export interface ListedManifest {
  readonly digest: string;
  readonly artifactType?: string | null | undefined;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  readonly platform?: { readonly os: string; readonly architecture: string } | null | undefined;
}

/** Attestations (BuildKit marks them `unknown/unknown`), signatures and other things that ride along in an index. */
export function isAttachment({ platform, artifactType, annotations }: ListedManifest): boolean {
  return (
    platform?.os === 'unknown' ||
    platform?.architecture === 'unknown' ||
    (artifactType !== undefined && artifactType !== null && artifactType !== '' && !isImageConfigType(artifactType)) ||
    annotations?.['vnd.docker.reference.type'] !== undefined ||
    (annotations?.['kind'] !== undefined && savedKinds.has(annotations['kind']))
  );
}

/** How `cosign save` marks what it writes beside an image: by tag suffix. */
export const savedKinds = new Map([
  ['dev.cosignproject.cosign/sigs', 'sig'],
  ['dev.cosignproject.cosign/atts', 'att'],
]);

/** The suffixes of the tags that hold signatures, attestations and SBOMs of the image whose digest stands before them. */
export const legacySuffixes = ['sig', 'att', 'sbom'] as const;

/** Whether a tag, or a name that ends in one, belongs to another image: `sha256-HEX`, `sha256-HEX.sig`. */
export function isAttachmentName(name: string): boolean {
  return /(?:^|:)sha(?:256|512)-[0-9a-f]{64,128}(?:\.(?:sig|att|sbom))?$/.test(name);
}

/** The tag of signatures (`sig`), attestations (`att`) or an SBOM (`sbom`) of an image, as cosign writes them. */
export function legacyTag(digest: string, suffix: (typeof legacySuffixes)[number]): string {
  return `${digest.replace(':', '-')}.${suffix}`;
}
