export { type InspectOptions, inspect } from './inspect.ts';
export { type InventoryOptions, takeInventory } from './inventory.ts';
