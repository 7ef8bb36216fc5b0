export { catalogers } from './catalogers.ts';
export { catalogDirectory, catalogFile, catalogImage } from './inventory.ts';
export { layerMemoryFolder } from './memory.ts';
