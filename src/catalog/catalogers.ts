import type { Cataloger } from './cataloger.ts';
import { osRelease } from './distro.ts';

/** All of them, in the order of `docs/ecosystems.md`. */
export const catalogers: readonly Cataloger[] = [osRelease];

/** Raise it when what {@link Facts} hold of a layer changes its shape or meaning. */
const factsVersion = 1;

/** Changes whenever any cataloger would read a layer differently. */
export const catalogersKey = JSON.stringify([
  factsVersion,
  ...catalogers.map(({ name, version }) => `${name} ${version}`),
]);
