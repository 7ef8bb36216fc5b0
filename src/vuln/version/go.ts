import { semverKey } from './semver.ts';

/** A release of Go itself: `go1.21rc2`, `1.19.8`, with what a distributor or an experiment adds after it. */
const toolchain = /^go(\d+(?:\.\d+)*)(?:(beta|rc)(\d+))?(?:[-+ ].*)?$/;
const bareToolchainCandidate = /^(\d+\.\d+)(beta|rc)(\d+)$/;

/**
 * Go module versions (go.dev/ref/mod, "Versions") are SemVer with a `v`, pseudo-versions among them; `+incompatible`
 * does not count. Versions of Go itself are ordered the same way: `go1.21rc2` is `1.21.0-rc.2`, as in the Go
 * vulnerability database. `(devel)` has no place in the order.
 */
export function goKey(version: string): string | undefined {
  const trimmed = version.trim();
  const parts = toolchain.exec(trimmed) ?? bareToolchainCandidate.exec(trimmed);
  if (parts === null) return semverKey(trimmed);
  const [, numbers = '', stage, count] = parts;
  return semverKey(stage === undefined ? numbers : `${numbers}-${stage}.${count}`);
}
