import { apk } from './apk.ts';
import type { Cataloger } from './cataloger.ts';
import { osRelease } from './distro.ts';
import { dotnetDeps } from './dotnet/deps-json.ts';
import { packagesConfig } from './dotnet/packages-config.ts';
import { nugetLock } from './dotnet/packages-lock.ts';
import { dotnetProject } from './dotnet/project.ts';
import { dpkg } from './dpkg.ts';
import { goBinary } from './go/binary.ts';
import { goMod } from './go/go-mod.ts';
import { javaArchive } from './java/archive.ts';
import { gradleLock } from './java/gradle-lock.ts';
import { javaRuntime } from './java/jre.ts';
import { mavenPom } from './java/pom.ts';
import { bunLock } from './javascript/bun-lock.ts';
import { nodeModules } from './javascript/node-modules.ts';
import { packageLock } from './javascript/package-lock.ts';
import { pnpmLock } from './javascript/pnpm-lock.ts';
import { yarnLock } from './javascript/yarn-lock.ts';
import { composerInstalled } from './php/composer-installed.ts';
import { composerLock } from './php/composer-lock.ts';
import { debianAutoloader } from './php/debian-autoloader.ts';
import { pythonInstalled } from './python/installed.ts';
import { pipfileLock } from './python/pipfile-lock.ts';
import { poetryLock } from './python/poetry-lock.ts';
import { pylock } from './python/pylock.ts';
import { pythonRequirements } from './python/requirements.ts';
import { uvLock } from './python/uv-lock.ts';
import { rpm } from './rpm.ts';
import { gemfileLock } from './ruby/gemfile-lock.ts';
import { gemspec } from './ruby/gemspec.ts';
import { rustAuditable } from './rust/auditable.ts';
import { cargoLock } from './rust/cargo-lock.ts';

/** All of them, in the order of `docs/ecosystems.md`. */
export const catalogers: readonly Cataloger[] = [
  osRelease,
  ...[dpkg, apk, rpm],
  ...[nodeModules, packageLock, yarnLock, pnpmLock, bunLock],
  ...[pythonInstalled, pythonRequirements, pipfileLock, poetryLock, uvLock, pylock],
  ...[javaArchive, mavenPom, gradleLock, javaRuntime],
  ...[goBinary, goMod],
  ...[rustAuditable, cargoLock],
  ...[gemspec, gemfileLock],
  ...[composerInstalled, composerLock, debianAutoloader],
  ...[dotnetDeps, nugetLock, packagesConfig, dotnetProject],
];

/** Raise it when what {@link Facts} hold of a layer, or how they are kept, changes its shape or meaning. */
const factsVersion = 5;

/** Changes whenever any cataloger would read a layer differently. */
export const catalogersKey = JSON.stringify([
  factsVersion,
  ...catalogers.map(({ name, version }) => `${name} ${version}`),
]);
