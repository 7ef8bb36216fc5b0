export { type Assessment, assess } from './assess.ts';
export { inspect, suppressionsFor } from './inspect.ts';
export { takeInventory } from './inventory.ts';
export { type AcceptedSummary, acceptedSummary, summaryOf } from './summary.ts';
export { findTrust } from './trust.ts';
