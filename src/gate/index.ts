export { type Advisories, type Assessment, assess, inspect, type Question, suppressionsFor } from './assess.ts';
export { type InventoryOptions, takeInventory } from './inventory.ts';
