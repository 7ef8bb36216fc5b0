export { readFileInto, walkDirectory } from './directory.ts';
export { readLayer } from './layer.ts';
export { type ListedEntry, listedEntry, type PackedListing, packListing, unpackListing } from './listing.ts';
export { parentOf } from './path.ts';
export { bufferAccess, type FileAccess, fileAccess, type RandomAccess } from './random-access.ts';
export type { EntrySink, TarEntry } from './tar.ts';
export { squash, type Tree } from './tree.ts';
export {
  readZip,
  type UnpackBudget,
  unpackBudget,
  type ZipArchive,
  type ZipEntry,
  type ZipLimits,
} from './zip.ts';
