import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';
import { type Hash, type PackageType, purlFor } from '../../sbom/index.ts';
import type { Cataloged, Cataloger, FileContent, Found, View } from '../cataloger.ts';
import { boundedText } from '../document.ts';
import type { Coordinates } from './identity.ts';
import { isJava, type Jar, readJars, type StatedPackage, statedPackage } from './jar.ts';
import { parsePom } from './pom-xml.ts';

type Fragment =
  | { readonly kind: 'archive'; readonly jars: readonly Jar[] }
  /** A `.pom` in a Maven repository: its archive lies, or is linked, beside it. */
  | { readonly kind: 'repository'; readonly stated: StatedPackage }
  /** The `pom.properties` of an archive that was unpacked. */
  | { readonly kind: 'unpacked'; readonly stated: StatedPackage };

const unpackedPattern = /(?:^|\/)META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
const repositoryPattern = /\/([^/]+)\/([^/]+)\/\1-\2\.pom$/;

/**
 * Java archives with everything nested in them. What an archive is, is told by its `pom.properties`, the pom beside it
 * in a Maven repository, its manifest and its name, in this order. One whose Maven group none of them tells is a
 * component of type `generic`: it is listed, and no advisory is claimed to match it.
 */
export const javaArchive: Cataloger<Fragment> = {
  name: 'java-archive',
  version: 1,
  title: 'Java archives',
  files: [
    ...['jar', 'war', 'ear', 'jpi', 'hpi', 'par', 'sar', 'kar', 'lpkg', 'nar'].map((extension) => `**/*.${extension}`),
    '**/*.pom',
    '**/META-INF/maven/*/*/pom.properties',
  ],
  largest: limits.binaryBytes,
  tells: { licenses: true, dependencies: true, hashes: true, development: false, files: false },
  read(file) {
    const { path, content, unread } = file;
    const text = () => boundedText(file, limits.archiveMetadataBytes);
    if (repositoryPattern.test(path)) return described('repository', statedPackage(undefined, parsePom(text())));
    if (unpackedPattern.test(path)) return described('unpacked', statedPackage(text(), undefined));
    if (/\.pom$/i.test(path) || (!isJava(path) && !startsLikeZip(content))) return undefined;
    const source = { size: content.size, read: (at: number, length: number) => content.slice(at, at + length) };
    const jars = readJars(source, sha1Of(content), path, (inside, reason) => unread(`${path}${inside}`, reason));
    return jars.length === 0 ? undefined : { kind: 'archive', jars };
  },
  assemble(view) {
    const poms = repositoryPoms(view);
    const packages = view.found.flatMap((found) => packagesOf(found, poms));
    return withDependencies(packages);
  },
};

/** What may stand beside a pom: the main artifact, and classifiers whose code is the same package's. */
const repositoryArchives = ['.jar', '.war', '-shaded.jar', '-all.jar', '-no_aop.jar'];

interface Package {
  readonly component: Cataloged;
  readonly needs: StatedPackage['needs'];
  /** The file it is in. */
  readonly file: string;
}

function described(kind: 'repository' | 'unpacked', stated: StatedPackage | undefined): Fragment | undefined {
  return stated === undefined ? undefined : { kind, stated };
}

/**
 * What the repositories say of the archives beside their poms, by the archive's true path: Debian's `maven-repo` has
 * links to the jars in `/usr/share/java`.
 */
function repositoryPoms(view: View<Fragment>): ReadonlyMap<string, readonly StatedPackage[]> {
  const poms = new Map<string, StatedPackage[]>();
  for (const { path, fragment } of view.found) {
    if (fragment.kind !== 'repository') continue;
    for (const end of repositoryArchives) {
      const archive = view.get(`${path.slice(0, -'.pom'.length)}${end}`);
      if (archive === undefined) continue;
      const known = poms.get(archive.path);
      if (known === undefined) poms.set(archive.path, [fragment.stated]);
      else known.push(fragment.stated);
    }
  }
  return poms;
}

function packagesOf({ path, layer, fragment }: Found<Fragment>, poms: ReturnType<typeof repositoryPoms>): Package[] {
  const at = { layer, file: path };
  switch (fragment.kind) {
    case 'repository':
      return [];
    case 'unpacked':
      return [packageFrom(fragment.stated, { ...at, path })];
    case 'archive':
      return fragment.jars.flatMap((jar) => {
        const place = { ...at, path: `${path}${jar.inside}` };
        const own = jar.own ?? (jar.inside === '' ? fromRepository(poms.get(path) ?? [], jar.guess) : undefined);
        const main = packageFrom(own ?? { ...jar.guess, licenses: [], needs: [] }, place, jar);
        return [main, ...jar.shaded.map((stated) => embedded(packageFrom(stated, place)))];
      });
  }
}

/** Debian publishes each artifact a second time, under the version `debian`; and some under names they had before. */
function fromRepository(poms: readonly StatedPackage[], guess: Coordinates): StatedPackage | undefined {
  const versioned = poms.filter(({ version }) => version !== 'debian');
  const [fallback] = poms;
  const best =
    versioned.find(({ artifact, version }) => artifact === guess.artifact && version === guess.version) ??
    versioned.find(({ version }) => version === guess.version) ??
    versioned.find(({ artifact }) => artifact === guess.artifact) ??
    versioned[0];
  return best ?? (fallback === undefined ? undefined : { ...fallback, version: guess.version });
}

function packageFrom(
  stated: Omit<StatedPackage, 'group'> & Pick<Coordinates, 'group'>,
  place: { readonly path: string; readonly layer: number; readonly file: string },
  jar?: Jar,
): Package {
  const { group, artifact, version, homepage, supplier, needs } = stated;
  const named: { readonly type: PackageType; readonly name: string; readonly version?: string | undefined } =
    group === undefined
      ? { type: 'generic', name: artifact, version }
      : { type: 'maven', name: `${group}:${artifact}`, version };
  const hashes: readonly Hash[] = jar === undefined ? [] : [{ algorithm: 'SHA-1', value: jar.sha1 }];
  const component: Cataloged = {
    id: purlFor(named),
    ...named,
    licenses: stated.licenses.length > 0 ? stated.licenses : (jar?.licenses ?? []),
    homepage,
    supplier,
    hashes,
    locations: [{ path: place.path, layer: place.layer }],
    dependsOn: [],
  };
  return { component, needs, file: place.file };
}

function embedded({ component, ...rest }: Package): Package {
  return { ...rest, component: { ...component, embedded: true } };
}

/** A need is met by what is in the same file, else in the same folder, else anywhere; of several, by the stated version. */
function withDependencies(packages: readonly Package[]): Cataloged[] {
  const index = new Map<string, Map<string, string>>();
  for (const { component, file } of packages) {
    for (const key of neighbourhoods(file, component.name)) {
      const versions = index.get(key) ?? new Map<string, string>();
      index.set(key, versions.set(component.version ?? '', component.id));
    }
  }
  return packages.map(({ component, needs, file }) => {
    const dependsOn = needs.flatMap(({ name, version }) => {
      const versions = neighbourhoods(file, name)
        .map((key) => index.get(key))
        .find((present) => present !== undefined);
      const [only, ...more] = versions?.values().take(2) ?? [];
      return versions?.get(version ?? '') ?? (more.length === 0 ? (only ?? []) : []);
    });
    return { ...component, dependsOn: [...new Set(dependsOn)].sort() };
  });
}

function neighbourhoods(file: string, name: string): readonly string[] {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return [`${file}\0${name}`, `${folder}\0${name}`, name];
}

function startsLikeZip(content: FileContent): boolean {
  return content.slice(0, 2).toString('latin1') === 'PK';
}

function sha1Of(content: FileContent): string {
  const hash = createHash('sha1');
  for (const piece of content.pieces) hash.update(piece);
  return hash.digest('hex');
}
