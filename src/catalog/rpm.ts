import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Distro, purlFor } from '../sbom/index.ts';
import type { Cataloged, Cataloger, CatalogFile, View } from './cataloger.ts';
import { bringingLayer, byNames, dependencyIds } from './installed.ts';
import { berkeleyHeaders, isBerkeleyHash } from './rpm/berkeley.ts';
import { manifestPackages } from './rpm/manifest.ts';
import { ndbHeaders, ndbMagic } from './rpm/ndb.ts';
import { packageFrom, type RpmPackage } from './rpm/package.ts';
import { brokenDatabase } from './rpm/part.ts';
import { hasCommittedFrames, sqliteHeaders, sqliteMagic } from './rpm/sqlite.ts';

type Fragment = readonly RpmPackage[];

const folders = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'] as const;
const databases = ['rpmdb.sqlite', 'rpmdb.sqlite-wal', 'Packages.db', 'Packages'] as const;

/**
 * RPM packages, from the three databases that rpm has had (SQLite, its own "ndb", Berkeley DB) and from the manifest
 * of distroless images. The digests in a header are of its parts, none of the rpm file, so no hashes are told.
 */
export const rpm: Cataloger<Fragment> = {
  name: 'rpm',
  version: 1,
  title: 'RPM packages',
  files: [
    ...folders.flatMap((folder) => databases.map((database) => `${folder}/${database}`)),
    'var/lib/rpmmanifest/container-manifest-2',
  ],
  largest: limits.binaryBytes,
  tells: { licenses: true, dependencies: true, hashes: false, development: false, files: true },
  read: readFile,
  assemble,
};

function readFile(file: CatalogFile): Fragment | undefined {
  const { path, content } = file;
  if (content.size === 0) return undefined;
  if (path.endsWith('-wal')) {
    if (!hasCommittedFrames(content.bytes())) return undefined;
    throw brokenDatabase('this log holds changes that were never written to the database itself');
  }
  if (path.endsWith('container-manifest-2')) return withoutKeys(manifestPackages(content.text()));
  return withoutKeys(packagesIn(file));
}

/** One header that cannot be read is reported and leaves the others; a database that cannot be followed leaves none. */
function packagesIn({ path, content, unread }: CatalogFile): readonly RpmPackage[] {
  const packages: RpmPackage[] = [];
  const failures: PlimsollError[] = [];
  let bytes = 0;
  let length = 0;
  for (const blob of headersIn(content.bytes())) {
    bytes += blob.length;
    if (bytes > content.size) throw brokenDatabase('its headers overlap');
    if (packages.length >= limits.componentsPerFile)
      throw brokenDatabase(`it lists more than ${limits.componentsPerFile} packages`);
    try {
      const item = packageFrom(blob, limits.ownedPathLength - length);
      length += item.files?.length ?? 0;
      packages.push(item);
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError)) throw thrown;
      failures.push(thrown);
    }
  }
  const [failure] = failures;
  if (failure !== undefined) unread(path, `${failures.length} of its packages cannot be read. ${failure.message}`);
  return packages;
}

function headersIn(file: Buffer): Iterable<Buffer> {
  if (file.subarray(0, sqliteMagic.length).equals(sqliteMagic)) return sqliteHeaders(file);
  if (file.subarray(0, ndbMagic.length).equals(ndbMagic)) return ndbHeaders(file);
  if (isBerkeleyHash(file)) return berkeleyHeaders(file);
  throw brokenDatabase('it is neither SQLite nor NDB nor a Berkeley DB hash');
}

/** The keys that rpm trusts stand in its database as if they were packages. */
function withoutKeys(packages: readonly RpmPackage[]): Fragment {
  return packages.filter(({ name }) => name !== 'gpg-pubkey');
}

type Installed = RpmPackage & {
  readonly id: string;
  readonly path: string;
  readonly layer: number;
  readonly source: Cataloged['source'];
  readonly owns: readonly string[] | undefined;
};

function assemble(view: View<Fragment>, distro: Distro | undefined): readonly Cataloged[] {
  const installed = view.found.flatMap(({ path, fragment }) => {
    const layerOf = bringingLayer(view.history(path), (earlier) => earlier.map(packageKey));
    return fragment.map((item): Installed => {
      const source = sourceOf(item.sourceRpm);
      return {
        ...item,
        id: purlFor({ type: 'rpm', ...item, source }, distro),
        path,
        layer: layerOf(packageKey(item)),
        source,
        owns: item.files === '' ? [] : item.files?.split('\n'),
      };
    });
  });
  const dependenciesOf = resolver(installed);
  return installed.map((item) => ({
    id: item.id,
    type: 'rpm',
    name: item.name,
    version: item.version,
    source: item.source,
    architecture: item.architecture,
    module: item.module,
    licenses: item.license === undefined ? [] : [item.license],
    supplier: item.supplier,
    homepage: item.homepage,
    hashes: [],
    locations: [{ path: item.path, layer: item.layer }],
    dependsOn: dependenciesOf(item),
    owns: item.owns,
  }));
}

/** `name-version-release.src.rpm`. The file name has no epoch: that of the source is unknown, not 0. */
function sourceOf(sourceRpm: string | undefined): Cataloged['source'] {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(sourceRpm ?? '') ?? [];
  return name === undefined ? undefined : { name, version };
}

function packageKey({ name, version = '', architecture = '' }: RpmPackage): string {
  return `${name} ${architecture} ${version}`;
}

/** By name, by what is provided, or by a file; those of the same architecture where there are several. */
function resolver(installed: readonly Installed[]): (item: Installed) => readonly string[] {
  const providing = byNames(installed, (item) => [item.name, ...item.provides]);
  const neededFiles = new Set(
    installed.flatMap(({ requires }) => requires.filter((name) => name.startsWith('/')).map(pathOf)),
  );
  const owning = byNames(installed, ({ owns = [] }) => owns.filter((path) => neededFiles.has(path)));

  function answering(requirement: string, of: Installed): readonly Installed[] {
    const all = providing.get(requirement) ?? owning.get(pathOf(requirement)) ?? [];
    if (all.includes(of)) return [];
    const fitting = all.filter(({ architecture }) => architecture === of.architecture || architecture === 'noarch');
    return fitting.length > 0 ? fitting : all;
  }

  return (of) =>
    dependencyIds(
      of.id,
      of.requires.flatMap((requirement) => answering(requirement, of).map(({ id }) => id)),
    );
}

function pathOf(requirement: string): string {
  return requirement.slice(1);
}
