export { catalogers } from './catalogers.ts';
export { type CatalogOptions, catalogDirectory, catalogFile, catalogImage } from './inventory.ts';
export { layerMemoryFolder } from './memory.ts';
