export { assess, inspect, suppressionsFor } from './assess.ts';
export { takeInventory } from './inventory.ts';
