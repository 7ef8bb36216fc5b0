export { type Assessment, assess, inspect, suppressionsFor } from './assess.ts';
export { takeInventory } from './inventory.ts';
