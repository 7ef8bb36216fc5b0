import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Component, Hash, Location } from './component.ts';
import { compare, hashesInOrder, isHash, locationsInOrder } from './document.ts';
import { type ParsedPackage, parsePurl, purlFor, purlOfVersion } from './purl.ts';

/** What a document says about one package, in its own words. */
export interface Described {
  /** How the document refers to it. */
  readonly ref: string | undefined;
  /** Names it goes by, in full first: `@scope/name`, `name`. Not empty. */
  readonly names: readonly [string, ...string[]];
  /** Plimsoll wrote the document: name and version are as the cataloger gave them, and no purl knows better. */
  readonly exact: boolean;
  readonly version: string | undefined;
  readonly purl: string | undefined;
  readonly source?: Component['source'];
  readonly architecture?: string | undefined;
  readonly module?: string | undefined;
  /** Each an expression or a text. */
  readonly licenses: readonly string[];
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  readonly hashes: readonly { readonly algorithm: string; readonly value: string }[];
  readonly scope?: Component['scope'];
  readonly locations: readonly Location[];
  /** A ref of the document, or a component's id. */
  readonly ownedBy?: string | undefined;
  readonly embedded?: true | undefined;
  readonly foundBy: string;
}

/** All that a reader takes out of a document. */
export interface Description {
  readonly packages: readonly Described[];
  /** Who needs whom, by ref. */
  readonly needs: readonly (readonly [from: string, to: string])[];
}

/**
 * The components of a document, one for each purl, in order. A package without a purl, or with a broken one, is kept
 * under its name as `generic`; `report` hears of what could not be kept as it was meant.
 */
export function componentsFrom({ packages, needs }: Description, report: (reason: string) => void): Component[] {
  const ids = new Map<string, string>();
  const components = new Map<string, Component>();
  for (const described of packages) {
    const component = componentFrom(described, report);
    if (component === undefined) continue;
    const known = components.get(component.id);
    components.set(component.id, known === undefined ? component : merge(known, component));
    if (described.ref !== undefined) ids.set(described.ref, component.id);
  }
  const dependsOn = new Map<string, Set<string>>();
  for (const [from, to] of needs) {
    const [needing, needed] = [ids.get(from), ids.get(to)];
    if (needing === undefined || needed === undefined || needing === needed) continue;
    dependsOn.set(needing, (dependsOn.get(needing) ?? new Set()).add(needed));
  }
  return [...components.values()]
    .map((component) => ({
      ...component,
      licenses: [...new Set(component.licenses)].sort(compare),
      hashes: hashesInOrder(component.hashes),
      locations: locationsInOrder(component.locations),
      dependsOn: [...(dependsOn.get(component.id) ?? [])].sort(compare),
      ownedBy: ownerOf(component, ids, components),
    }))
    .sort((a, b) => compare(a.id, b.id));
}

function componentFrom(described: Described, report: (reason: string) => void): Component | undefined {
  const parsed = parsedPurl(described, report);
  const name = parsed === undefined || described.exact ? described.names[0] : spelledName(parsed, described.names);
  const type = parsed?.type ?? 'generic';
  const version = versionOf(described, parsed);
  const id = parsed === undefined ? genericId(name, version, report) : versionedId(parsed, version, report);
  if (id === undefined) return undefined;
  const { supplier, homepage, scope, ownedBy, embedded, foundBy } = described;
  return {
    id,
    type,
    name,
    version,
    source: described.source ?? sourceIn(parsed),
    architecture: described.architecture ?? parsed?.qualifiers['arch'],
    module: described.module ?? parsed?.qualifiers['rpmmod'] ?? parsed?.qualifiers['modularitylabel'],
    licenses: described.licenses.map(bounded),
    supplier,
    homepage,
    hashes: described.hashes.flatMap(hashFrom),
    scope,
    locations: described.locations,
    dependsOn: [],
    ownedBy,
    embedded,
    foundBy,
  };
}

function parsedPurl({ purl, names }: Described, report: (reason: string) => void): ParsedPackage | undefined {
  if (purl === undefined) return undefined;
  try {
    return parsePurl(purl);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    report(`${names[0].slice(0, 200)}: ${thrown.message}`);
    return undefined;
  }
}

/** Where the purl leaves the version open, the document's own field tells one package from another. */
function versionedId(parsed: ParsedPackage, version: string | undefined, report: (reason: string) => void): string {
  if (parsed.version !== undefined || version === undefined) return parsed.purl;
  try {
    return purlOfVersion(parsed.purl, version);
  } catch (thrown) {
    report(`${parsed.purl.slice(0, 200)} has no version that a package can have: ${messageOf(thrown)}`);
    return parsed.purl;
  }
}

function genericId(name: string, version: string | undefined, report: (reason: string) => void): string | undefined {
  try {
    return purlFor({ type: 'generic', name, version });
  } catch (thrown) {
    report(`"${name.slice(0, 200)}" names no package: ${messageOf(thrown)}`);
    return undefined;
  }
}

/**
 * The name as its ecosystem spells it. Purls fold it (`pypi` to lower case with dashes; some tools fold `golang` too), and
 * Syft cuts a Go module's path after the repository, the rest being the subpath.
 */
function spelledName(parsed: ParsedPackage, names: readonly string[]): string {
  const key = (name: string) => {
    const lower = name.toLowerCase();
    return parsed.type === 'pypi' ? lower.replace(/[-_.]+/g, '-') : lower;
  };
  const module = parsed.type === 'golang' && parsed.subpath !== undefined ? `${parsed.name}/${parsed.subpath}` : '';
  return (
    names.find((name) => key(name) === key(module)) ??
    names.find((name) => key(name) === key(parsed.name)) ??
    parsed.name
  );
}

/** A range (`^1.2`, `4.*.*`, as dependency graphs of manifests have it) is no version: which one it is, is unknown. */
function versionOf({ version, exact }: Described, parsed: ParsedPackage | undefined): string | undefined {
  const stated = exact ? (version ?? parsed?.version) : (parsed?.version ?? version);
  return stated === undefined || (!exact && /^[\^~<>=!]|\*|\|\|/.test(stated)) ? undefined : stated;
}

/** `upstream`: `NAME`, `NAME@VERSION`, or the file name of a source rpm. */
function sourceIn(parsed: ParsedPackage | undefined): Component['source'] {
  const upstream = parsed?.qualifiers['upstream'];
  if (upstream === undefined || upstream === '') return undefined;
  if (upstream.endsWith('.src.rpm')) return sourceOfRpm(upstream);
  const at = upstream.indexOf('@', 1);
  return at < 0 ? { name: upstream } : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}

/** `openssl-1.1.1k-7.el8.src.rpm`: name, version and release, without the epoch. */
export function sourceOfRpm(fileName: string): Component['source'] {
  const stem = fileName.replace(/\.(?:no)?src\.rpm$/, '');
  const release = stem.lastIndexOf('-');
  const version = release <= 0 ? -1 : stem.lastIndexOf('-', release - 1);
  return version <= 0 ? { name: stem } : { name: stem.slice(0, version), version: stem.slice(version + 1) };
}

function hashFrom({ algorithm, value }: Described['hashes'][number]): readonly Hash[] {
  const known = (['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const).find((each) => each === algorithm);
  const hash = known === undefined ? undefined : { algorithm: known, value: value.toLowerCase() };
  return hash !== undefined && isHash(hash) ? [hash] : [];
}

/** What is longer is a licence text. */
function bounded(license: string): string {
  return license.length > limits.licenseLength ? `${license.slice(0, limits.licenseLength - 1)}…` : license;
}

/** Two entries for one purl. What one of them does not say, the other may. */
function merge(known: Component, other: Component): Component {
  return {
    ...known,
    source: known.source ?? other.source,
    supplier: known.supplier ?? other.supplier,
    homepage: known.homepage ?? other.homepage,
    ownedBy: known.ownedBy ?? other.ownedBy,
    embedded: known.embedded ?? other.embedded,
    // Needed somewhere is needed.
    scope: known.scope === other.scope ? known.scope : undefined,
    licenses: [...known.licenses, ...other.licenses],
    hashes: [...known.hashes, ...other.hashes],
    locations: [...known.locations, ...other.locations],
  };
}

function ownerOf(
  { ownedBy }: Component,
  ids: ReadonlyMap<string, string>,
  components: ReadonlyMap<string, Component>,
): string | undefined {
  const id = ownedBy === undefined ? undefined : (ids.get(ownedBy) ?? ownedBy);
  return id !== undefined && components.has(id) ? id : undefined;
}
