/** Property tests run the same cases every time, so that a build says something about the change and not about luck. PROPERTY_SEED tries others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261123) });
