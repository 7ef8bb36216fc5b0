import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Distro, purlFor } from '../sbom/index.ts';
import type { Cataloged, Cataloger, CatalogFile, View } from './cataloger.ts';
import { copyrightLicenses } from './debian-copyright.ts';
import { bringingLayer, byNames, dependencyIds } from './installed.ts';
import { lines } from './lines.ts';

/** Any one of these answers a requirement. `architecture` is the part after the colon, `any` and `native` among them. */
type Alternative = { readonly name: string; readonly architecture?: string };

type DpkgPackage = {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly source: { readonly name: string; readonly version?: string };
  readonly supplier?: string;
  readonly homepage?: string;
  /** As the fields state them: most status files are laid over by the next layer's, and never looked at again. */
  readonly depends: string;
  readonly provides: string;
};

type Fragment =
  | { readonly kind: 'status'; readonly packages: readonly DpkgPackage[] }
  /** Paths without leading slash, one a line. */
  | { readonly kind: 'files'; readonly paths: string }
  | { readonly kind: 'copyright'; readonly licenses: readonly string[] };

const statusFolder = 'var/lib/dpkg/status.d/';
const infoFolder = 'var/lib/dpkg/info/';

/**
 * Debian packages as dpkg knows them (dpkg(1), deb-control(5)), and as images without dpkg keep them: one file a
 * package in `status.d`.
 */
export const dpkg: Cataloger<Fragment> = {
  name: 'dpkg',
  version: 1,
  title: 'Debian packages',
  files: ['var/lib/dpkg/status', `${statusFolder}*`, `${infoFolder}*.list`, 'usr/share/doc/*/copyright'],
  tells: { licenses: true, dependencies: true, hashes: false, development: false, files: true },
  read: readFile,
  assemble,
};

function readFile({ path, content }: CatalogFile): Fragment | undefined {
  if (path.endsWith('/copyright')) return { kind: 'copyright', licenses: copyrightLicenses(content.text()) };
  if (path.endsWith('.md5sums')) return { kind: 'files', paths: checkedPaths(content.text()) };
  if (path.startsWith(infoFolder)) return { kind: 'files', paths: listedPaths(content.text()) };
  const packages = [...installedPackages(path, content.text())];
  return packages.length === 0 && path.startsWith(statusFolder) ? undefined : { kind: 'status', packages };
}

/** `/.` stands first in every list, and is no one's. */
function listedPaths(text: string): string {
  return text.replace(/^\/(?:\.?\n)?/gm, '').trimEnd();
}

/** `<MD5>  usr/bin/tool`, as md5sum(1) writes it. */
function checkedPaths(text: string): string {
  return text.replace(/^[0-9a-f]{32} [ *](?:\.\/)?/gm, '').trimEnd();
}

const wantedFields = new Set([
  'package',
  'status',
  'version',
  'architecture',
  'source',
  'maintainer',
  'homepage',
  'depends',
  'pre-depends',
  'provides',
]);

function* installedPackages(path: string, text: string): Generator<DpkgPackage, void, undefined> {
  let count = 0;
  for (const fields of stanzas(path, text)) {
    if (!isUnpacked(fields.get('status'))) continue;
    const name = fields.get('package');
    if (name === undefined || name === '') {
      if (path.startsWith(statusFolder)) continue;
      throw broken(path, 'an entry does not name its package');
    }
    if (++count > limits.componentsPerFile)
      throw broken(path, `it lists more than ${limits.componentsPerFile} packages`);
    yield installedPackage(name, fields);
  }
}

/**
 * Whether a package's files are there (dpkg(1), "Package states"): also those of one that waits for configuration or a
 * trigger can be run. Entries of status.d have no status, and are there.
 */
function isUnpacked(status: string | undefined): boolean {
  const state = status?.split(/\s+/)[2]?.toLowerCase();
  return state !== 'not-installed' && state !== 'config-files';
}

function installedPackage(name: string, fields: ReadonlyMap<string, string>): DpkgPackage {
  const version = nonEmpty(fields.get('version'));
  const architecture = nonEmpty(fields.get('architecture'));
  const supplier = nonEmpty(fields.get('maintainer'));
  const homepage = nonEmpty(fields.get('homepage'));
  // deb-control(5), "Source": the name, and in parentheses the version where it differs.
  const [, sourceName = name, sourceVersion = version] =
    /^([^\s(]+)\s*(?:\(([^()\s]+)\))?/.exec(fields.get('source') ?? '') ?? [];
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(architecture === undefined ? {} : { architecture }),
    source: { name: sourceName, ...(sourceVersion === undefined ? {} : { version: sourceVersion }) },
    ...(supplier === undefined ? {} : { supplier }),
    ...(homepage === undefined ? {} : { homepage }),
    depends: [fields.get('pre-depends') ?? '', fields.get('depends') ?? ''].join(','),
    provides: fields.get('provides') ?? '',
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** deb822(5): fields by lower-case name, paragraph by paragraph. A continued field keeps its first line, which is all that is needed. */
function* stanzas(path: string, text: string): Generator<ReadonlyMap<string, string>, void, undefined> {
  let fields = new Map<string, string>();
  let continued: string | undefined;
  for (const line of lines(text)) {
    if (line.trim() === '') {
      if (fields.size > 0) yield fields;
      fields = new Map();
      continued = undefined;
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      if (continued !== undefined) fields.set(continued, `${fields.get(continued) ?? ''}${line}`);
    } else if (!line.startsWith('#')) {
      const colon = line.indexOf(':');
      if (colon <= 0) throw broken(path, `"${line.slice(0, 80)}" is neither a field nor the continuation of one`);
      const name = line.slice(0, colon).toLowerCase();
      continued = wantedFields.has(name) ? name : undefined;
      if (continued !== undefined) fields.set(continued, line.slice(colon + 1).trim());
    }
  }
  if (fields.size > 0) yield fields;
}

/** deb-control(5), "Depends": `libc6 (>= 2.34), gpgv | gpgv2, python3:any`. What is installed fits the versions, else dpkg had not installed it. */
function relations(field: string): Alternative[][] {
  return field.split(',').flatMap((relation) => {
    const alternatives = relation.split('|').flatMap((alternative) => {
      const [, name, architecture] = /^\s*([^\s:([<|]+)(?::([^\s([<]+))?/.exec(alternative) ?? [];
      return name === undefined ? [] : [{ name, ...(architecture === undefined ? {} : { architecture }) }];
    });
    return alternatives.length === 0 ? [] : [alternatives];
  });
}

function broken(path: string, what: string): PlimsollError {
  return new PlimsollError('catalog/broken-dpkg-status', `${path} is not a dpkg status file: ${what}`, {
    hint: 'Run `dpkg --audit` in the image, or build it anew; its packages cannot be told from this file.',
  });
}

type Installed = DpkgPackage & { readonly id: string; readonly path: string; readonly layer: number };

function assemble(view: View<Fragment>, distro: Distro | undefined): readonly Cataloged[] {
  const installed = view.found.flatMap(({ path, fragment }): Installed[] => {
    if (fragment.kind !== 'status') return [];
    const layerOf = bringingLayer(view.history(path), packageKeys);
    return fragment.packages.map((item) => ({
      ...item,
      id: purlFor({ type: 'deb', ...item }, distro),
      path,
      layer: layerOf(packageKey(item)),
    }));
  });
  const dependenciesOf = resolver(installed);
  return installed.map((item) => ({
    id: item.id,
    type: 'deb',
    name: item.name,
    version: item.version,
    source: item.source,
    architecture: item.architecture,
    licenses: licensesOf(view, item.name),
    supplier: item.supplier,
    homepage: item.homepage,
    hashes: [],
    locations: [{ path: item.path, layer: item.layer }],
    dependsOn: dependenciesOf(item),
    owns: filesOf(view, item),
  }));
}

function packageKeys(fragment: Fragment): string[] {
  return fragment.kind === 'status' ? fragment.packages.map(packageKey) : [];
}

function packageKey({ name, version = '', architecture = '' }: DpkgPackage): string {
  return `${name} ${architecture} ${version}`;
}

function licensesOf(view: View<Fragment>, name: string): readonly string[] {
  const found = view.get(`usr/share/doc/${name}/copyright`);
  return found?.fragment.kind === 'copyright' ? found.fragment.licenses : [];
}

/** Packages that may be installed for several architectures at once have theirs in the name of the list (dpkg-query(1), `--control-path`). */
function filesOf(view: View<Fragment>, { name, architecture, path }: Installed): readonly string[] | undefined {
  const bases = [`${infoFolder}${name}:${architecture ?? ''}`, `${infoFolder}${name}`];
  // Images without dpkg have the sums only; where dpkg is, its lists say more, and are half as long.
  const lists = path.startsWith(statusFolder)
    ? [`${path}.list`, `${path}.md5sums`]
    : bases.map((base) => `${base}.list`);
  for (const list of lists) {
    const found = view.get(list);
    if (found?.fragment.kind === 'files') return found.fragment.paths === '' ? [] : found.fragment.paths.split('\n');
  }
  return undefined;
}

/** The packages that answer the first alternative that anything answers: the one of that name, else those that provide it. */
function resolver(installed: readonly Installed[]): (item: Installed) => readonly string[] {
  const named = byNames(installed, (item) => [item.name]);
  const providing = byNames(installed, (item) =>
    relations(item.provides)
      .flat()
      .map(({ name }) => name),
  );
  const native = named.get('dpkg')?.[0]?.architecture;

  function answering({ name, architecture }: Alternative, of: Installed): readonly Installed[] {
    const own = of.architecture === 'all' || architecture === 'native' ? native : of.architecture;
    const wanted =
      architecture === undefined || architecture === 'any' || architecture === 'native' ? own : architecture;
    for (const candidates of [named.get(name) ?? [], providing.get(name) ?? []]) {
      const fitting = candidates.filter((item) => item.architecture === wanted || item.architecture === 'all');
      if (fitting.length > 0) return fitting;
      // A package of another architecture answers for every one when it is `Multi-Arch: foreign` or `allowed`.
      if (candidates.length > 0) return candidates;
    }
    return [];
  }

  return (of) =>
    dependencyIds(
      of.id,
      relations(of.depends).flatMap((alternatives) => {
        for (const alternative of alternatives) {
          const answers = answering(alternative, of);
          if (answers.length > 0) return answers.map((item) => item.id);
        }
        return [];
      }),
    );
}
