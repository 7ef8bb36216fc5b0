export { type Assessment, assess, inspect, suppressionsFor } from './assess.ts';
export { takeInventory } from './inventory.ts';
export { type AcceptedSummary, acceptedSummary, summaryOf } from './summary.ts';
export { findTrust } from './trust.ts';
