import { type ArchiveName, withoutTrailingClassifier } from './archive-name.ts';
import { knownGroup } from './known-group.ts';
import { isCoordinate } from './pom-xml.ts';

/** What an archive is. Without a group no advisory can be held against it, and none is guessed. */
export type Coordinates = {
  readonly group?: string | undefined;
  readonly artifact: string;
  readonly version?: string | undefined;
};

type Manifest = ReadonlyMap<string, string>;

interface Named {
  readonly artifact: string;
  readonly version?: string | undefined;
}

/**
 * The one of several packages in an archive that the archive itself is; the others are shaded into it. Told by the file
 * name, then by the manifest, which may be left over from a shaded package: its version must then be the file name's.
 * A package that is alone is the archive's own unless those name another.
 */
export function ownPackage<T extends Named>(
  packages: readonly T[],
  name: ArchiveName,
  manifest: Manifest,
): T | undefined {
  const [stem, artifact, plain] = [name.stem, name.artifact, withoutTrailingClassifier(name.artifact)].map(key);
  const titles = titlesIn(manifest);
  const names = [...titles, stem, artifact].filter((text) => text !== undefined);
  const fits = ({ version }: Named) => name.version === undefined || sameRelease(version, name.version);
  const stages: readonly ((candidate: string, from: T) => boolean)[] = [
    (candidate) => candidate === stem || candidate === artifact || candidate === plain,
    (candidate, from) => titles.includes(candidate) && fits(from),
    (candidate) => artifact !== undefined && withoutDigits(candidate) === withoutDigits(artifact),
    // `sisu-inject.jar` is `org.eclipse.sisu.inject`; the bundle `org.apache.maven.core` is `maven-core`.
    (candidate, from) =>
      fits(from) && names.some((text) => endsWithWords(candidate, text) || endsWithWords(text, candidate)),
  ];
  for (const stage of stages) {
    const found = packages.find((candidate) => stage(key(candidate.artifact), candidate));
    if (found !== undefined) return found;
  }
  return titles.length === 0 && packages.length === 1 ? packages.find(fits) : undefined;
}

/** Whether the manifest is that of a package in the archive, where tools have merged many archives into one. */
export function isManifestOf(packages: readonly Named[], manifest: Manifest): boolean {
  const titles = titlesIn(manifest);
  return packages.some(({ artifact }) => {
    const candidate = key(artifact);
    return titles.some((title) => title === candidate || endsWithWords(title, candidate));
  });
}

function titlesIn(manifest: Manifest): readonly string[] {
  const title = manifest.get('implementation-title') ?? manifest.get('bundle-name');
  return [title, manifest.get('extension-name'), symbolicName(manifest)].flatMap((text) =>
    text === undefined ? [] : [key(text)],
  );
}

/** `5.3.18` and `5.3.18-a1b2c3d` are one release. */
function sameRelease(a: string | undefined, b: string): boolean {
  return a === undefined || a.startsWith(b) || b.startsWith(a);
}

/** The coordinates of an archive that holds none: from its manifest, then its file name. */
export function coordinatesFrom(name: ArchiveName, manifest: Manifest): Coordinates {
  const title = manifest.get('implementation-title');
  // Gradle's Nebula plugins write `io.micrometer#micrometer-core;1.9.0`.
  const [, group, artifact, version] = /^([\w.-]+)#([\w.-]+);([\w.+-]+)$/.exec(title ?? '') ?? [];
  if (group !== undefined && artifact !== undefined) return { group, artifact, version: version ?? name.version };
  const known = artifactOf(name, manifest);
  return { group: groupOf(known, manifest), artifact: known, version: versionOf(name, manifest) };
}

function artifactOf(name: ArchiveName, manifest: Manifest): string {
  const plugin = manifest.get('short-name');
  if (plugin !== undefined && manifest.has('plugin-version') && isCoordinate(plugin)) return plugin;
  if (name.version !== undefined) return name.artifact;
  // Tomcat's `catalina.jar` is the bundle `org.apache.tomcat-catalina`.
  const bundle = symbolicName(manifest)?.split('.').at(-1);
  if (bundle?.endsWith(`-${name.artifact}`)) return bundle;
  const title = manifest.get('implementation-title');
  return title !== undefined &&
    /^[a-z][a-z\d]*(?:[-_.][a-z\d]+)+$/.test(title) &&
    key(title).includes(key(name.artifact))
    ? title
    : name.artifact;
}

/**
 * `Group-Id` (Jenkins plugins), then what is known of the library, then `Implementation-Vendor-Id` (Maven's archiver
 * writes the group id there), then a symbolic name that is group and artifact id joined. A last word without a dash
 * stays open: the bundle `com.google.guava` is not the artifact `guava` of `com.google`.
 */
function groupOf(artifact: string, manifest: Manifest): string | undefined {
  const stated = manifest.get('group-id');
  if (isCoordinate(stated)) return stated;
  const known = knownGroup(artifact);
  if (known !== undefined) return known;
  const vendor = manifest.get('implementation-vendor-id');
  if (isCoordinate(vendor) && vendor.includes('.')) return vendor;
  const bundle = symbolicName(manifest);
  if (bundle === undefined || !/[-_]/.test(artifact)) return undefined;
  if (bundle.endsWith(`.${artifact}`)) return bundle.slice(0, -artifact.length - 1);
  // The bundle plugin drops what the artifact id repeats of the group: `org.apache.maven` and `maven-core` give `org.apache.maven.core`.
  const dash = artifact.indexOf('-');
  const [first, rest] = [artifact.slice(0, dash), artifact.slice(dash + 1)];
  return bundle.endsWith(`.${first}.${rest}`) ? bundle.slice(0, -rest.length - 1) : undefined;
}

function versionOf({ version }: ArchiveName, manifest: Manifest): string | undefined {
  const stated = [manifest.get('plugin-version'), manifest.get('implementation-version')]
    .map((text) => /^v?\d[\w.+~-]*/.exec(text ?? '')?.[0])
    .find((text) => text !== undefined);
  // The file name has it as it was published.
  if (version !== undefined && sameRelease(stated, version)) return version;
  // OSGi's three numbers and a qualifier: the artifact's own version may be written differently, so it comes last.
  const bundle = /^\d[\w.+-]*$/.exec(manifest.get('bundle-version') ?? '')?.[0];
  return stated ?? bundle;
}

/** `org.example.bundle;singleton:=true` without its directives (OSGi Core, "Bundle-SymbolicName"). */
function symbolicName(manifest: Manifest): string | undefined {
  const [name = ''] = (manifest.get('bundle-symbolicname') ?? '').split(';', 1);
  return isCoordinate(name.trim()) ? name.trim() : undefined;
}

/** Lower case, and every run of separators one dash: `Maven Core` and `maven-core` are one name. */
function key(text: string): string {
  return text
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-');
}

function withoutDigits(text: string): string {
  return text.replace(/\d+/g, '');
}

function endsWithWords(text: string, end: string): boolean {
  return end !== '' && text.endsWith(`-${end}`);
}
