import type { Component, Distro } from './component.ts';
import { type ParsedPackage, parsePurl } from './purl.ts';

/** Names that other tools give distributions, and `ID` in their os-release. */
const ids = new Map([
  ['redhat', 'rhel'],
  ['alma', 'almalinux'],
  ['amazon', 'amzn'],
  ['oracle', 'ol'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['suse linux enterprise server', 'sles'],
  ['suse linux enterprise micro', 'sle-micro'],
  ['cbl-mariner', 'mariner'],
]);

/** From a name and a version or codename: `debian` and `12.4`, `amazon` and `2 (Karoo)`, `ubuntu` and `jammy`. */
export function distroNamed(name: string, version: string | undefined): Distro | undefined {
  const lower = name.trim().toLowerCase();
  if (lower === '' || lower === 'none') return undefined;
  const id = ids.get(lower) ?? lower;
  const versionId = /^\d[\w.]*/.exec(version?.trim() ?? '')?.[0];
  if (versionId !== undefined) return { id, versionId, idLike: [], name };
  const codename = /^[a-z]+/.exec(version?.trim().toLowerCase() ?? '')?.[0];
  return codename === undefined ? { id, idLike: [], name } : { id, codename, idLike: [], name };
}

/**
 * The distribution of one package: `whole`, that of the artifact, unless the purl names another, as in a document that
 * was merged of several.
 */
export function distroOf(id: string, whole: Distro | undefined): Distro | undefined {
  // Nearly all say the same, and taking a purl apart takes its time.
  if (whole !== undefined && (!id.includes('distro=') || id.includes(`distro=${whole.id}-${whole.versionId}`)))
    return whole;
  const parsed = parsePurl(id);
  const own = distroInPurl(parsed);
  if (whole === undefined) {
    const { namespace } = parsed;
    return own ?? (namespace === undefined ? undefined : distroNamed(namespace, undefined));
  }
  return own === undefined || isSameRelease(own, whole) ? whole : own;
}

/** `12` and `12.5` are one, and so is what names only the codename. */
function isSameRelease(a: Distro, b: Distro): boolean {
  const [one = '', other = ''] = [a.versionId, b.versionId];
  return a.id === b.id && (one.startsWith(other) || other.startsWith(one));
}

/** Where no operating system is listed: what all distribution packages that say one agree on. */
export function distroOfPackages(components: readonly Component[]): Distro | undefined {
  let agreed: Distro | undefined;
  for (const { id, type } of components) {
    if (type !== 'deb' && type !== 'apk' && type !== 'rpm') continue;
    const distro = distroInPurl(parsePurl(id));
    if (distro === undefined) continue;
    if (agreed !== undefined && JSON.stringify(agreed) !== JSON.stringify(distro)) return undefined;
    agreed = distro;
  }
  return agreed;
}

/** Whether a purl is that of a package that advisories may be about: what calls itself a whole system is listed as well then. */
export function namesPackage(purl: string | undefined): boolean {
  if (purl === undefined) return false;
  try {
    return parsePurl(purl).type !== 'generic';
  } catch {
    return false;
  }
}

/** `distro=debian-12`, `distro=opensuse-leap-15.5`, `distro=3.20.1` or `distro=bookworm`, the last two with a namespace. */
function distroInPurl({ namespace, qualifiers }: ParsedPackage): Distro | undefined {
  const stated = qualifiers['distro'];
  if (stated === undefined) return undefined;
  const [, name, version] = /^(\D.*)-(\d[^-]*)$/.exec(stated) ?? [];
  if (name !== undefined) return distroNamed(name, version);
  if (namespace === undefined) return undefined;
  const release = stated.startsWith(`${namespace}-`) ? stated.slice(namespace.length + 1) : stated;
  return distroNamed(namespace, release === namespace ? undefined : release);
}
