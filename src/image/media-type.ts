import { jsonObject } from './descriptor.ts';

/** OCI image-spec v1.1 and Docker's "Image Manifest Version 2, Schema 2". */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const;

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex;
}

export function isImageConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

/** What a document says that it is, or else `stated`, or else what it looks like. */
export function mediaTypeOf(bytes: Buffer, stated: string | undefined): string {
  const { mediaType, manifests } = jsonObject(bytes);
  if (typeof mediaType === 'string' && mediaType.length <= 255) return mediaType;
  if (stated !== undefined && stated !== 'application/octet-stream' && stated !== 'application/json') return stated;
  return Array.isArray(manifests) ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}
