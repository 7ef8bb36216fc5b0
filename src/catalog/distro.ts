import { PlimsollError } from '../error.ts';
import type { Distro } from '../sbom/index.ts';
import type { Cataloger, CatalogFile, View } from './cataloger.ts';
import { lines } from './lines.ts';

/** {@link Distro} as a fragment keeps it. */
export type DistroFragment = {
  readonly id: string;
  readonly versionId?: string;
  readonly codename?: string;
  readonly idLike: readonly string[];
  readonly name: string;
};

/** Files of one line, `CentOS Linux release 7.9.2009 (Core)`, older than os-release or kept beside it. */
const releaseFiles = [
  'etc/oracle-release',
  'etc/system-release',
  'etc/redhat-release',
  'etc/centos-release',
  'etc/almalinux-release',
  'etc/rocky-release',
  'etc/fedora-release',
] as const;

/**
 * Where a distribution says what it is, best first (os-release(5): `/etc/os-release` before `/usr/lib/os-release`).
 * The others are for images that have lost both; `os.release.d` is where some releases of Fedora let os-release point.
 */
export const osReleasePaths: readonly string[] = [
  'etc/os-release',
  'usr/lib/os-release',
  'etc/lsb-release',
  'etc/alpine-release',
  ...releaseFiles,
  'etc/debian_version',
];

/** Not a package database: it has no components, and {@link distroFrom} reads what it found. */
export const osRelease: Cataloger<DistroFragment> = {
  name: 'os-release',
  version: 1,
  title: 'Linux distributions',
  files: [...osReleasePaths, 'usr/lib/os.release.d/*'],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },
  read: readRelease,
  assemble: () => [],
  distro: distroFrom,
};

/** The distribution by the best of {@link osReleasePaths} that says one. */
export function distroFrom(view: View<DistroFragment>): Distro | undefined {
  for (const path of osReleasePaths) {
    const found = view.get(path);
    if (found !== undefined) return found.fragment;
  }
  return undefined;
}

/** os-release(5): shell assignments. `undefined` when the text names no system at all. */
export function parseOsRelease(text: string): Distro | undefined {
  return fromVariables(shellVariables(text));
}

function readRelease({ path, content }: CatalogFile): DistroFragment | undefined {
  if (content.size > 64 * 1024) {
    throw new PlimsollError(
      'catalog/broken-os-release',
      `${path} has ${content.size} bytes, which no description of a distribution has`,
      {
        hint: 'Look at what the image keeps there; os-release(5) tells what belongs in it.',
      },
    );
  }
  const text = content.text();
  const line = text.trim().split('\n', 1)[0]?.trim() ?? '';
  switch (path.slice(path.lastIndexOf('/') + 1)) {
    case 'lsb-release':
      return fromLsb(shellVariables(text));
    case 'alpine-release':
      return /^\d+\.\d+\S*$/.test(line)
        ? { id: 'alpine', versionId: line, idLike: [], name: 'Alpine Linux' }
        : undefined;
    case 'debian_version':
      return fromDebianVersion(line);
    default:
      return releaseFiles.some((known) => known === path) ? fromReleaseLine(line) : fromVariables(shellVariables(text));
  }
}

function fromVariables(variables: ReadonlyMap<string, string>): DistroFragment | undefined {
  const id = variables.get('ID');
  const name = variables.get('NAME');
  if (id === undefined && name === undefined) return undefined;
  const versionId = variables.get('VERSION_ID');
  const codename = variables.get('VERSION_CODENAME') ?? variables.get('UBUNTU_CODENAME');
  return {
    // os-release(5): "If not set, a default of `ID=linux` may be used."
    id: id?.toLowerCase() ?? 'linux',
    ...(versionId === undefined ? {} : { versionId }),
    ...(codename === undefined ? {} : { codename }),
    idLike: variables.get('ID_LIKE')?.toLowerCase().split(/\s+/) ?? [],
    name: name ?? id ?? 'Linux',
  };
}

/** The values that are set to something. A later assignment wins, as in a shell. */
function shellVariables(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of lines(text)) {
    const [, name, raw] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line) ?? [];
    if (name === undefined || raw === undefined) continue;
    const value = unquoted(raw.trim());
    if (value === '') variables.delete(name);
    else variables.set(name, value);
  }
  return variables;
}

/** Within double quotes and without quotes a backslash escapes; within single quotes nothing does. */
function unquoted(raw: string): string {
  if (raw.length >= 2 && raw.startsWith("'") && raw.endsWith("'")) return raw.slice(1, -1);
  if (raw.length >= 2 && raw.startsWith('"') && raw.endsWith('"'))
    return raw.slice(1, -1).replace(/\\([\\"$`])/g, '$1');
  return raw.replace(/\\(.)/gs, '$1');
}

function fromLsb(variables: ReadonlyMap<string, string>): DistroFragment | undefined {
  const name = variables.get('DISTRIB_ID');
  if (name === undefined) return undefined;
  const versionId = variables.get('DISTRIB_RELEASE');
  const codename = variables.get('DISTRIB_CODENAME');
  return {
    id: name.toLowerCase().replace(/\s+/g, '-'),
    ...(versionId === undefined ? {} : { versionId }),
    ...(codename === undefined ? {} : { codename }),
    idLike: [],
    name,
  };
}

/** `12.5` is a point release of Debian 12; testing and unstable write `trixie/sid`. */
function fromDebianVersion(line: string): DistroFragment | undefined {
  const debian = { id: 'debian', idLike: [], name: 'Debian GNU/Linux' };
  const major = /^(\d+)(?:\.\d+)*$/.exec(line)?.[1];
  if (major !== undefined) return { ...debian, versionId: major };
  const codename = /^([a-z]+)(?:\/sid)?$/.exec(line)?.[1];
  return codename === undefined ? undefined : { ...debian, codename };
}

const releaseNames: readonly (readonly [prefix: string, id: string])[] = [
  ['CentOS', 'centos'],
  ['Red Hat Enterprise Linux', 'rhel'],
  ['Oracle Linux', 'ol'],
  ['AlmaLinux', 'almalinux'],
  ['Rocky Linux', 'rocky'],
  ['Fedora', 'fedora'],
  ['Amazon Linux', 'amzn'],
];

function fromReleaseLine(line: string): DistroFragment | undefined {
  const [, name, versionId] = /^(\S.{0,99}?) release (\d[\d.]*)/.exec(line) ?? [];
  const id = releaseNames.find(([prefix]) => name?.startsWith(prefix))?.[1];
  return name === undefined || versionId === undefined || id === undefined
    ? undefined
    : { id, versionId, idLike: [], name };
}
