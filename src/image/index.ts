export { saveImage } from './archive-save.ts';
export { legacySuffixes, legacyTag } from './attachment.ts';
export { type BlobLocation, openBlob } from './blob.ts';
export { type CopyOptions, type CopyReport, copyImage } from './copy.ts';
export { type Descriptor, isRecord, parseDescriptor } from './descriptor.ts';
export { readFileInto, walkDirectory } from './directory.ts';
export { inexactName, repeatedName } from './exact-name.ts';
export { type Image, type ImageOptions, type ImageTarget, openImage } from './image.ts';
export type { ImageLayer } from './image-layer.ts';
export { readLayer } from './layer.ts';
export { type ListedEntry, listedEntry, listingPacker, type PackedListing, packListing } from './listing.ts';
export { isLoopbackHost } from './network-host.ts';
export { type OpenedStore, openStore, type StoreOptions } from './open-store.ts';
export { parentOf } from './path.ts';
export { parsePlatform } from './platform.ts';
export { platformIn } from './platform-in.ts';
export { bufferAccess, type FileAccess, fileAccess, type RandomAccess } from './random-access.ts';
export { formatReference, type ImageReference, parseReference } from './reference.ts';
export type { BlobContent, ImageStore, NewManifest, StoredManifest, StorePlace, TagChange } from './store.ts';
export type { EntrySink, TarEntry } from './tar.ts';
export { parseTarget, type Target } from './target.ts';
export { squash, type Tree, type TreeFile, treeOfLayers } from './tree.ts';
export {
  readZip,
  type UnpackBudget,
  unpackBudget,
  type ZipArchive,
  type ZipEntry,
  type ZipLimits,
} from './zip.ts';
