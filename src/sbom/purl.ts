import { messageOf, PlimsollError } from '../error.ts';
import { type Component, type Distro, type PackageType, packageTypes } from './component.ts';
import { type CanonicalPurl, canonicalPurl } from './purl-form.ts';
import { splitPurl } from './purl-text.ts';

/** A purl taken apart into the words of {@link Component}. */
export interface ParsedPackage {
  /** `generic` for a type that Plimsoll has no catalogers or advisories for; the purl itself keeps the real one. */
  readonly type: PackageType;
  readonly name: string;
  readonly version: string | undefined;
  readonly namespace: string | undefined;
  readonly qualifiers: Readonly<Record<string, string>>;
  /** What follows `#`: a folder in the package. */
  readonly subpath: string | undefined;
  /** In its canonical form. */
  readonly purl: string;
}

type Named = Pick<Component, 'type' | 'name' | 'version' | 'source' | 'architecture' | 'module'>;

/**
 * The canonical purl of a component, its `id`. Distribution packages carry `arch`, `distro=debian-12`,
 * `upstream=SOURCE@VERSION` and, for RPM, `epoch` and `rpmmod` (the qualifiers that Syft and Trivy write too).
 */
export function purlFor(component: Named, distro?: Distro): string {
  const { namespace, name } = splitName(component, distro);
  const [epoch, version] = component.type === 'rpm' ? splitEpoch(component.version) : [undefined, component.version];
  const qualifiers = new Map<string, string>();
  if (component.architecture !== undefined) qualifiers.set('arch', component.architecture);
  if (distro !== undefined && isDistroType(component.type)) {
    qualifiers.set('distro', distro.versionId === undefined ? distro.id : `${distro.id}-${distro.versionId}`);
  }
  if (epoch !== undefined) qualifiers.set('epoch', epoch);
  if (component.module !== undefined) qualifiers.set('rpmmod', component.module);
  const { source } = component;
  if (
    source !== undefined &&
    (source.name !== component.name || (source.version ?? component.version) !== component.version)
  ) {
    qualifiers.set('upstream', source.version === undefined ? source.name : `${source.name}@${source.version}`);
  }
  try {
    return canonicalPurl({ type: component.type, namespace, name, version, qualifiers }).purl;
  } catch (thrown) {
    throw new PlimsollError(
      'sbom/no-purl',
      `No purl can be made of ${component.type} package "${component.name}": ${messageOf(thrown)}`,
      {
        hint: 'The package database or lock file names a package in a way that its ecosystem does not allow.',
        cause: thrown,
      },
    );
  }
}

/** @throws PlimsollError `sbom/bad-purl` */
export function parsePurl(purl: string): ParsedPackage {
  const { name, version, namespace, subpath, ...parsed } = canonical(purl);
  const type = packageTypes.find((known) => known === parsed.type) ?? 'generic';
  const qualifiers = Object.fromEntries(parsed.qualifiers);
  return {
    type,
    name: joinName(type, namespace, name),
    version: withEpoch(type, version, qualifiers['epoch']),
    namespace,
    qualifiers,
    subpath,
    purl: parsed.purl,
  };
}

/**
 * The purl of one version, in its canonical form, from a purl that leaves the version open.
 * @throws PlimsollError `sbom/bad-purl`
 */
export function purlOfVersion(purl: string, version: string): string {
  return canonical(purl, version).purl;
}

function canonical(purl: string, ofVersion?: string): CanonicalPurl {
  try {
    const parts = splitPurl(purl);
    return canonicalPurl({ ...parts, version: parts.version ?? ofVersion });
  } catch (thrown) {
    throw new PlimsollError('sbom/bad-purl', `"${purl.slice(0, 200)}" is not a package URL: ${messageOf(thrown)}`, {
      hint: 'A package URL looks like pkg:npm/%40scope/name@1.0.0 (github.com/package-url/purl-spec).',
      cause: thrown,
    });
  }
}

function isDistroType(type: PackageType): boolean {
  return type === 'deb' || type === 'apk' || type === 'rpm';
}

/** Of the types with epochs only RPM has the qualifier by its definition; Trivy writes it for Debian packages too. */
function withEpoch(type: PackageType, version: string | undefined, epoch: string | undefined): string | undefined {
  if (version === undefined || epoch === undefined || version.includes(':')) return version;
  return type === 'rpm' || (type === 'deb' && epoch !== '0') ? `${epoch}:${version}` : version;
}

function splitEpoch(version: string | undefined): [string | undefined, string | undefined] {
  const colon = version?.indexOf(':') ?? -1;
  return version === undefined || colon < 0
    ? [undefined, version]
    : [version.slice(0, colon), version.slice(colon + 1)];
}

function splitName({ type, name }: Named, distro: Distro | undefined): { namespace: string | undefined; name: string } {
  if (isDistroType(type)) return { namespace: distro?.id, name };
  const separator = type === 'maven' ? name.indexOf(':') : name.lastIndexOf('/');
  if (separator <= 0) return { namespace: undefined, name };
  return { namespace: name.slice(0, separator), name: name.slice(separator + 1) };
}

function joinName(type: PackageType, namespace: string | undefined, name: string): string {
  if (namespace === undefined || isDistroType(type)) return name;
  return `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
}
