import { apk } from './apk.ts';
import type { Cataloger } from './cataloger.ts';
import { osRelease } from './distro.ts';
import { dotnetDeps } from './dotnet/deps-json.ts';
import { packagesConfig } from './dotnet/packages-config.ts';
import { nugetLock } from './dotnet/packages-lock.ts';
import { dotnetProject } from './dotnet/project.ts';
import { dpkg } from './dpkg.ts';
import { javaArchive } from './java/archive.ts';
import { gradleLock } from './java/gradle-lock.ts';
import { javaRuntime } from './java/jre.ts';
import { mavenPom } from './java/pom.ts';
import { rpm } from './rpm.ts';

/** All of them, in the order of `docs/ecosystems.md`. */
export const catalogers: readonly Cataloger[] = [
  osRelease,
  dpkg,
  apk,
  rpm,
  javaArchive,
  mavenPom,
  gradleLock,
  javaRuntime,
  dotnetDeps,
  nugetLock,
  packagesConfig,
  dotnetProject,
];

/** Raise it when what {@link Facts} hold of a layer changes its shape or meaning. */
const factsVersion = 1;

/** Changes whenever any cataloger would read a layer differently. */
export const catalogersKey = JSON.stringify([
  factsVersion,
  ...catalogers.map(({ name, version }) => `${name} ${version}`),
]);
