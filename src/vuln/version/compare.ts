import { baseEcosystem } from '../osv.ts';
import { apkKey } from './apk.ts';
import { composerKey } from './composer.ts';
import { dpkgKey } from './dpkg.ts';
import { gemKey } from './gem.ts';
import { goKey } from './go.ts';
import { remembered, type VersionKey } from './key.ts';
import { mavenKey } from './maven.ts';
import { nugetKey } from './nuget.ts';
import { pep440Key } from './pep440.ts';
import { rpmKey, rpmKeyWithoutEpoch } from './rpm.ts';
import { semverKey } from './semver.ts';

const dpkg = remembered(dpkgKey);
const apk = remembered(apkKey);
const rpm = remembered(rpmKey);
const semver = remembered(semverKey);

/** By the base of an OSV ecosystem (ossf.github.io/osv-schema, "Defined ecosystems"). */
const orderings: ReadonlyMap<string, VersionKey> = new Map([
  ['Debian', dpkg],
  ['Ubuntu', dpkg],
  ['Echo', dpkg],
  ['Alpaquita', apk],
  ['Alpine', apk],
  ['BellSoft Hardened Containers', apk],
  ['Chainguard', apk],
  ['MinimOS', apk],
  ['Wolfi', apk],
  ['AlmaLinux', rpm],
  ['Azure Linux', rpm],
  ['Mageia', rpm],
  ['Photon OS', rpm],
  ['Red Hat', rpm],
  ['Rocky Linux', rpm],
  ['SUSE', rpm],
  ['openEuler', rpm],
  ['openSUSE', rpm],
  ['Bitnami', semver],
  ['ConanCenter', semver],
  ['GitHub Actions', semver],
  ['Hex', semver],
  ['Pub', semver],
  ['SwiftURL', semver],
  ['crates.io', semver],
  ['npm', semver],
  ['Go', remembered(goKey)],
  ['Maven', remembered(mavenKey)],
  ['NuGet', remembered(nugetKey)],
  ['Packagist', remembered(composerKey)],
  ['PyPI', remembered(pep440Key)],
  ['RubyGems', remembered(gemKey)],
]);

const rpmWithoutEpoch = remembered(rpmKeyWithoutEpoch);

/**
 * The ordering of an ecosystem, as keys that compare as strings.
 *
 * `epochUnknown`: for an ecosystem of RPM packages, leave the epoch out on both sides.
 */
export function versionKeys(ecosystem: string, epochUnknown = false): VersionKey {
  const key = orderings.get(baseEcosystem(ecosystem)) ?? (() => undefined);
  return epochUnknown && key === rpm ? rpmWithoutEpoch : key;
}

/**
 * Compares two versions as their ecosystem orders them: `compareVersions('Debian:12', '1.0~rc1-1', '1.0-1')` is
 * negative. `ecosystem` is an OSV ecosystem, with or without release. `undefined`: one of the two cannot be ordered
 * (`dev-main`, `(devel)`), or the ecosystem has no ordering here.
 */
export function compareVersions(ecosystem: string, a: string, b: string): number | undefined {
  const key = versionKeys(ecosystem);
  const [keyA, keyB] = [key(a), key(b)];
  if (keyA === undefined || keyB === undefined) return undefined;
  return keyA === keyB ? 0 : keyA < keyB ? -1 : 1;
}
