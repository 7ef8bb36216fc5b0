import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Distro, purlFor } from '../sbom/index.ts';
import type { Cataloged, Cataloger, CatalogFile, View } from './cataloger.ts';
import { bringingLayer, byNames, dependencyIds } from './installed.ts';
import { licenseExpression } from './license.ts';
import { lines } from './lines.ts';

type ApkPackage = {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly origin?: string;
  readonly license?: string;
  readonly supplier?: string;
  readonly homepage?: string;
  /** Names, `so:libc.musl-x86_64.so.1` and `/bin/sh` among them, without versions. */
  readonly depends: readonly string[];
  readonly provides: readonly string[];
  /** Files without leading slash, one a line. */
  readonly files: string;
};

type Fragment = readonly ApkPackage[];

/**
 * Alpine packages as apk knows them (wiki.alpinelinux.org, "Apk spec", "Installed Database V2"). The checksums there
 * are of a package's control part and of its files, none of the package as it is downloaded, so no hashes are told.
 */
export const apk: Cataloger<Fragment> = {
  name: 'apk',
  version: 1,
  title: 'Alpine packages',
  files: ['lib/apk/db/installed', 'usr/lib/apk/db/installed'],
  tells: { licenses: true, dependencies: true, hashes: false, development: false, files: true },
  read: ({ path, content }: CatalogFile) => [...packages(path, content.text())],
  assemble,
};

function* packages(path: string, text: string): Generator<ApkPackage, void, undefined> {
  let fields = new Map<string, string>();
  let files: string[] = [];
  let folder = '';
  let count = 0;
  let length = 0;
  for (const line of lines(text)) {
    if (line === '') {
      if (fields.size > 0) yield installedPackage(path, fields, files);
      if (++count > limits.componentsPerFile)
        throw broken(path, `it lists more than ${limits.componentsPerFile} packages`);
      fields = new Map();
      files = [];
      folder = '';
      continue;
    }
    if (line[1] !== ':') throw broken(path, `"${line.slice(0, 80)}" is not a field`);
    const value = line.slice(2);
    // F opens a folder, the R that follow are its files; M, a and Z tell their modes and checksums.
    if (line[0] === 'F') folder = value === '' ? '' : `${value}/`;
    else if (line[0] === 'R') {
      length += folder.length + value.length;
      if (length > limits.ownedPathLength) throw broken(path, 'its file lists are larger than those of any system');
      files.push(folder + value);
    } else fields.set(line.slice(0, 1), value.trim());
  }
  if (fields.size > 0) yield installedPackage(path, fields, files);
}

function installedPackage(path: string, fields: ReadonlyMap<string, string>, files: readonly string[]): ApkPackage {
  const field = (key: string) => {
    const value = fields.get(key);
    return value === '' ? undefined : value;
  };
  const name = field('P');
  if (name === undefined) throw broken(path, 'an entry does not name its package');
  const version = field('V');
  const architecture = field('A');
  const origin = field('o');
  const license = field('L');
  const supplier = field('m');
  const homepage = field('U');
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(origin === undefined ? {} : { origin }),
    ...(license === undefined ? {} : { license: licenseExpression(license) }),
    ...(supplier === undefined ? {} : { supplier }),
    ...(homepage === undefined ? {} : { homepage }),
    depends: names(field('D')),
    provides: names(field('p')),
    files: files.join('\n'),
  };
}

/** `musl>=1.2 so:libz.so.1 openssl@edge !conflict`: a name ends where a comparison or a repository's tag begins. */
function names(field: string | undefined): string[] {
  return (field ?? '')
    .split(/\s+/)
    .flatMap((item) => (item.startsWith('!') ? [] : (/^[^<>=~@]+/.exec(item)?.[0] ?? [])));
}

function broken(path: string, what: string): PlimsollError {
  return new PlimsollError('catalog/broken-apk-database', `${path} is not an apk database: ${what}`, {
    hint: 'Run `apk audit --system` in the image, or build it anew; its packages cannot be told from this file.',
  });
}

type Installed = ApkPackage & {
  readonly id: string;
  readonly path: string;
  readonly layer: number;
  readonly owns: readonly string[];
};

function assemble(view: View<Fragment>, distro: Distro | undefined): readonly Cataloged[] {
  const installed = view.found.flatMap(({ path, fragment }) => {
    const layerOf = bringingLayer(view.history(path), (earlier) => earlier.map(packageKey));
    return fragment.map(
      (item): Installed => ({
        ...item,
        id: purlFor({ type: 'apk', ...item, source: sourceOf(item) }, distro),
        path,
        layer: layerOf(packageKey(item)),
        owns: item.files === '' ? [] : item.files.split('\n'),
      }),
    );
  });
  const named = byNames(installed, (item) => [item.name]);
  const providing = byNames(installed, (item) => item.provides);
  const neededFiles = new Set(
    installed.flatMap(({ depends }) => depends.filter((name) => name.startsWith('/')).map(pathOf)),
  );
  const owning = byNames(installed, (item) => item.owns.filter((path) => neededFiles.has(path)));
  return installed.map((item) => ({
    id: item.id,
    type: 'apk',
    name: item.name,
    version: item.version,
    source: sourceOf(item),
    architecture: item.architecture,
    licenses: item.license === undefined ? [] : [item.license],
    supplier: item.supplier,
    homepage: item.homepage,
    hashes: [],
    locations: [{ path: item.path, layer: item.layer }],
    dependsOn: dependencyIds(
      item.id,
      item.depends.flatMap((name) =>
        (named.get(name) ?? providing.get(name) ?? owning.get(pathOf(name)) ?? []).map(({ id }) => id),
      ),
    ),
    owns: item.owns,
  }));
}

/** A subpackage is built with its origin, and has its version. */
function sourceOf({ name, version, origin = name }: ApkPackage): {
  readonly name: string;
  readonly version?: string | undefined;
} {
  return { name: origin, version };
}

function pathOf(requirement: string): string {
  return requirement.slice(1);
}

function packageKey({ name, version = '', architecture = '' }: ApkPackage): string {
  return `${name} ${architecture} ${version}`;
}
