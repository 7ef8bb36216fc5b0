export { bufferAccess, type FileAccess, fileAccess, type RandomAccess } from './random-access.ts';
export {
  readZip,
  type UnpackBudget,
  unpackBudget,
  type ZipArchive,
  type ZipEntry,
  type ZipLimits,
} from './zip.ts';
