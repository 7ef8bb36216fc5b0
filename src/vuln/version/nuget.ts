import { semverKey } from './semver.ts';

/** NuGet: SemVer 2.0.0 with a fourth number, without regard to case ("Package versioning", normalized version numbers). */
export function nugetKey(version: string): string | undefined {
  return semverKey(version.toLowerCase());
}
