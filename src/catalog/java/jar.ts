import { hash } from 'node:crypto';
import { messageOf, PlimsollError } from '../../error.ts';
import {
  bufferAccess,
  type RandomAccess,
  readZip,
  type UnpackBudget,
  unpackBudget,
  type ZipArchive,
  type ZipEntry,
} from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { licenseExpression } from '../license.ts';
import { parseArchiveName } from './archive-name.ts';
import { type Coordinates, coordinatesFrom, isManifestOf, ownPackage } from './identity.ts';
import { parseManifest, parseProperties } from './manifest.ts';
import { exactVersion, interpolate, isCoordinate, ownProperties, type Pom, parsePom } from './pom-xml.ts';

/** A package that an archive states with its coordinates. */
export type StatedPackage = {
  readonly group: string;
  readonly artifact: string;
  readonly version?: string | undefined;
  readonly licenses: readonly string[];
  readonly homepage?: string | undefined;
  readonly supplier?: string | undefined;
  /** `group:artifact`, with the version where the pom states one. */
  readonly needs: readonly { readonly name: string; readonly version?: string | undefined }[];
};

/** One archive: the file itself, or one nested in it. */
export type Jar = {
  /** `''` for the file, `!/WEB-INF/lib/inner.jar` for what is nested in it. */
  readonly inside: string;
  readonly sha1: string;
  /** Coordinates from the manifest and the name, for archives that state none. */
  readonly guess: Coordinates;
  readonly own?: StatedPackage | undefined;
  readonly shaded: readonly StatedPackage[];
  readonly licenses: readonly string[];
};

/** Files that may hold other archives (Java EE, Spring Boot, Jenkins, JBoss, Karaf, Liferay, NiFi). */
const archivePattern = /\.(?:jar|war|ear|jpi|hpi|par|sar|kar|lpkg|nar)$/i;
const metadataPattern = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.(?:properties|xml)$/;
const manifestPath = 'META-INF/MANIFEST.MF';

interface Reading {
  readonly jars: Jar[];
  readonly budget: UnpackBudget;
  readonly unread: (inside: string, reason: string) => void;
}

/**
 * An archive and all archives in it, outermost first. What cannot be read inside is reported by `unread`.
 * @throws PlimsollError when the outermost archive itself cannot be read.
 */
export function readJars(source: RandomAccess, sha1: string, path: string, unread: Reading['unread']): readonly Jar[] {
  const reading: Reading = { jars: [], budget: unpackBudget(), unread };
  readJar(source, sha1, { path, inside: '', depth: 0 }, reading);
  return reading.jars;
}

interface Place {
  readonly path: string;
  readonly inside: string;
  readonly depth: number;
}

function readJar(source: RandomAccess, sha1: string, place: Place, reading: Reading): void {
  const zip = readZip(source, { budget: reading.budget });
  const { manifest, metadata, nested } = sortEntries(zip);
  const text = (entry: ZipEntry) => attempt(place.inside, entry, reading, () => textOf(zip, entry));
  const attributes = parseManifest((manifest && text(manifest)) ?? '');
  const packages = statedPackages(metadata, place.inside, reading, text);
  const name = parseArchiveName(place.path);
  const own = ownPackage(packages, name, attributes);
  if (own !== undefined || manifest !== undefined || packages.length > 0 || nested.length > 0 || isJava(place.path)) {
    const licenses = (attributes.get('bundle-license') ?? '').split(',').flatMap(bundleLicense);
    const shaded = packages.filter((stated) => stated !== own);
    const guess = coordinatesFrom(name, isManifestOf(shaded, attributes) ? new Map() : attributes);
    reading.jars.push({ inside: place.inside, sha1, guess, own, shaded, licenses });
  }
  if (reading.jars.length > limits.componentsPerFile) throw tooMany();
  for (const entry of nested) {
    const inside = `${place.inside}!/${entry.name}`;
    attempt(place.inside, entry, reading, () => {
      if (place.depth + 1 >= limits.archiveDepth) throw tooDeep();
      const bytes = zip.read(entry);
      readJar(bufferAccess(bytes), hash('sha1', bytes), { path: entry.name, inside, depth: place.depth + 1 }, reading);
    });
  }
}

function sortEntries(zip: ZipArchive) {
  let manifest: ZipEntry | undefined;
  const metadata: ZipEntry[] = [];
  const nested: ZipEntry[] = [];
  const wanted = (name: string) => name === manifestPath || archivePattern.test(name) || metadataPattern.test(name);
  for (const entry of zip.entries(wanted)) {
    if (entry.name === manifestPath) manifest ??= entry;
    else if (archivePattern.test(entry.name)) nested.push(entry);
    else metadata.push(entry);
  }
  return { manifest, metadata, nested };
}

/** Each folder of `META-INF/maven` is one package, told by its `pom.properties`, else by its `pom.xml`. */
function statedPackages(
  metadata: readonly ZipEntry[],
  inside: string,
  reading: Reading,
  text: (entry: ZipEntry) => string | undefined,
): StatedPackage[] {
  const folders = Map.groupBy(metadata, ({ name }) => name.slice(0, name.lastIndexOf('/')));
  return [...folders.values()].flatMap((entries) => {
    const find = (end: string) => entries.find(({ name }) => name.endsWith(end));
    const [propertiesEntry, pomEntry] = [find('.properties'), find('.xml')];
    const properties = propertiesEntry === undefined ? undefined : text(propertiesEntry);
    const pomText = pomEntry === undefined ? undefined : text(pomEntry);
    const pom =
      pomEntry === undefined || pomText === undefined
        ? undefined
        : attempt(inside, pomEntry, reading, () => parsePom(pomText));
    return statedPackage(properties, pom) ?? [];
  });
}

/** `undefined` where neither names a group and an artifact. */
export function statedPackage(propertiesText: string | undefined, pom: Pom | undefined): StatedPackage | undefined {
  const properties = parseProperties(propertiesText ?? '');
  const values = pom === undefined ? new Map<string, string>() : ownProperties(pom);
  const fill = (value: string | undefined) =>
    value === undefined ? undefined : interpolate(value, (name) => values.get(name));
  const group = properties.get('groupId') ?? fill(pom?.group ?? pom?.parent?.group);
  const artifact = properties.get('artifactId') ?? fill(pom?.artifact);
  if (!isCoordinate(group) || !isCoordinate(artifact)) return undefined;
  const needs = (pom?.dependencies ?? []).flatMap((dependency) => {
    if (dependency.scope === 'test' || dependency.scope === 'provided' || dependency.optional === 'true') return [];
    const [needed, by] = [fill(dependency.artifact), fill(dependency.group)];
    return isCoordinate(needed) && isCoordinate(by)
      ? [{ name: `${by}:${needed}`, version: exactVersion(fill(dependency.version)) }]
      : [];
  });
  return {
    group,
    artifact,
    version: exactVersion(properties.get('version')) ?? exactVersion(fill(pom?.version ?? pom?.parent?.version)),
    licenses: pom?.licenses ?? [],
    homepage: fill(pom?.homepage),
    supplier: pom?.supplier,
    needs,
  };
}

/** Adds the path to what went wrong in a part of an archive, and goes on with the rest. */
function attempt<T>(inside: string, entry: ZipEntry, reading: Reading, action: () => T): T | undefined {
  try {
    return action();
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    reading.unread(`${inside}!/${entry.name}`, messageOf(thrown));
    return undefined;
  }
}

function textOf(zip: ZipArchive, entry: ZipEntry): string {
  const text = zip.read(entry, limits.archiveMetadataBytes).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** OSGi Core, "Bundle-License": licences with attributes after a `;`, or `<<EXTERNAL>>`. */
function bundleLicense(text: string): string[] {
  const [name = ''] = text.split(';', 1);
  const clean = name.trim().replace(/^"|"$/g, '');
  return clean === '' || clean === '<<EXTERNAL>>' ? [] : [licenseExpression(clean)];
}

/** The other extensions are used for other things as well: those count only with something of Java inside. */
export function isJava(path: string): boolean {
  return /\.(?:jar|war|ear|jpi|hpi)$/i.test(path);
}

function tooDeep(): PlimsollError {
  return new PlimsollError('catalog/archive-depth', `Archives are nested deeper than ${limits.archiveDepth}.`, {
    hint: 'Unpack the outermost archive and scan the folder.',
  });
}

function tooMany(): PlimsollError {
  return new PlimsollError('catalog/archive-count', `There are more than ${limits.componentsPerFile} archives in it.`, {
    hint: 'Unpack the outermost archive and scan the folder.',
  });
}
