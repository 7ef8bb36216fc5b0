import type { Component, Distro } from './component.ts';
import type { Described } from './described.ts';
import { type JsonObject, objectsIn, strayIn, strayProblem, textIn, textsIn } from './json.ts';
import { licensesIn } from './license-form.ts';
import type { ReadDocument } from './read-cyclonedx.ts';
import { distroNamed, namesPackage } from './read-distro.ts';
import { readAgent } from './spdx-agent.ts';
import { type Carried, carriedSchema, distroSchema, readAnnotation, unknownSchema } from './spdx-annotation.ts';
import { relationsIn } from './spdx-relation.ts';

/** SPDX 2.2 and 2.3, JSON. `maxComponents`: beyond, `tooMany` is called, which throws. */
export function readSpdx(document: JsonObject, maxComponents: number, tooMany: () => never): ReadDocument {
  const listed = objectsIn(document['packages']);
  if (listed.length > maxComponents) tooMany();
  const relations = relationsIn(document);
  const tool = toolOf(document);
  const texts = licenseTexts(document);
  const subject = subjectOf(listed, relations.described);
  const packages: Described[] = [];
  let distro: Distro | undefined;
  for (const each of listed) {
    const [purl, ...others] = purlsOf(each);
    if (isSystem(each)) distro ??= distroOf(each);
    if (isSystem(each) ? !namesPackage(purl) : each === subject || !isPackage(each)) continue;
    const described = describe(each, texts, tool);
    const { ref = '' } = described;
    packages.push({
      ...described,
      scope: described.scope ?? relations.scopes.get(ref),
      ownedBy: described.ownedBy ?? relations.owners.get(ref),
    });
    for (const other of others.filter(namesPackage))
      packages.push({ ...described, ref: undefined, exact: false, purl: other });
    if (packages.length > maxComponents) tooMany();
  }
  return {
    packages,
    needs: relations.needs,
    subject: subjectName(subject) ?? textIn(document['name']),
    distro,
    unknown: comments(document).flatMap((comment) => {
      const facts = readAnnotation(comment);
      const parsed = unknownSchema.safeParse(memberOf(facts, 'unknown'));
      return parsed.success ? [parsed.data] : [];
    }),
    problems: strayProblem('packages', strayIn(document['packages'])),
  };
}

/**
 * The one package that the document describes. When there is nothing else in it, the package is what the document
 * lists, unless it stands for an image or a repository.
 */
function subjectOf(listed: readonly JsonObject[], described: ReadonlySet<string>): JsonObject | undefined {
  const subjects = listed.filter(({ SPDXID }) => described.has(textIn(SPDXID) ?? ''));
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) return undefined;
  const purl = purlOf(subject);
  const isAlone = listed.length === 1 && purl !== undefined && !/^pkg:(?:oci|docker|github|generic)\//.test(purl);
  return isAlone ? undefined : subject;
}

function describe(each: JsonObject, texts: ReadonlyMap<string, string>, tool: string | undefined): Described {
  const carried = carriedBy(each);
  const purl = purlOf(each);
  const ref = textIn(each['SPDXID']);
  return {
    ref,
    names: namesOf(textIn(each['name']) ?? purl ?? ref ?? ''),
    exact: carried !== undefined,
    version: asserted(each['versionInfo']),
    purl,
    source: carried === undefined ? builtFrom(each, purl) : carried.source,
    architecture: carried?.architecture,
    module: carried?.module,
    licenses: licensesOf(each, texts),
    supplier: carried?.supplier ?? agent(each['supplier']) ?? agent(each['originator']),
    homepage: carried?.homepage ?? asserted(each['homepage']),
    hashes: objectsIn(each['checksums']).map(({ algorithm, checksumValue }) => ({
      algorithm: (textIn(algorithm) ?? '').replace(/^SHA(?=\d)/, 'SHA-'),
      value: textIn(checksumValue) ?? '',
    })),
    scope: carried?.scope,
    locations: carried?.locations ?? foundIn(each),
    ownedBy: carried?.ownedBy,
    embedded: carried?.embedded,
    foundBy: carried?.foundBy ?? tool ?? 'spdx',
  };
}

/** GitHub's export once wrote the ecosystem before the name: `npm:lodash`. */
function namesOf(name: string): readonly [string, ...string[]] {
  const [, bare] = /^(?:npm|pip|go|maven|rubygems|nuget|composer|rust|actions):(.+)$/.exec(name) ?? [];
  return bare === undefined ? [name] : [name, bare];
}

function carriedBy(each: JsonObject): Carried | undefined {
  for (const comment of comments(each)) {
    const parsed = carriedSchema.safeParse(readAnnotation(comment));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function comments(element: JsonObject): readonly string[] {
  return objectsIn(element['annotations']).flatMap(({ comment }) => textIn(comment) ?? []);
}

/** `PACKAGE_MANAGER` is SPDX 2.2's spelling. */
function purlsOf(each: JsonObject): readonly string[] {
  const references = objectsIn(each['externalRefs']).filter(({ referenceType }) => referenceType === 'purl');
  return [...new Set(references.flatMap(({ referenceLocator }) => textIn(referenceLocator) ?? []))];
}

function purlOf(each: JsonObject): string | undefined {
  return purlsOf(each)[0];
}

function isSystem({ primaryPackagePurpose, SPDXID }: JsonObject): boolean {
  const purpose = textIn(primaryPackagePurpose);
  // Trivy's documents of SPDX 2.2 have no purpose.
  return /^OPERATING[-_]SYSTEM$/.test(purpose ?? '') || /^SPDXRef-OperatingSystem/.test(textIn(SPDXID) ?? '');
}

/** Trivy lists lock files as applications, other tools list files: neither is a package without a purl. */
function isPackage(each: JsonObject): boolean {
  if (purlOf(each) !== undefined) return true;
  const isLockFile = /^SPDXRef-Application-/.test(textIn(each['SPDXID']) ?? '') && each['versionInfo'] === undefined;
  return !isLockFile && each['primaryPackagePurpose'] !== 'FILE';
}

function distroOf(each: JsonObject): Distro | undefined {
  for (const comment of comments(each)) {
    const parsed = distroSchema.safeParse(memberOf(readAnnotation(comment), 'distro'));
    if (parsed.success) return parsed.data;
  }
  const name = textIn(each['name']);
  return name === undefined ? undefined : distroNamed(name, asserted(each['versionInfo']));
}

function memberOf(facts: unknown, name: string): unknown {
  return objectsIn([facts])[0]?.[name];
}

/** Trivy: `built package from: openssl 3.0.11-1`. Languages have no source packages. */
function builtFrom(each: JsonObject, purl: string | undefined): Component['source'] {
  if (purl === undefined || !/^pkg:(?:deb|apk|rpm)\//.test(purl)) return undefined;
  const [, name, version] = /^built package from: (\S+)(?: (\S+))?$/.exec(textIn(each['sourceInfo']) ?? '') ?? [];
  return name === undefined ? undefined : { name, version };
}

/** Syft: `acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/…`. */
function foundIn(each: JsonObject): Described['locations'] {
  const [, paths] = /^acquired package info from [^:]{1,200}: (\/.*)$/.exec(textIn(each['sourceInfo']) ?? '') ?? [];
  return (paths ?? '').split(', ').flatMap((path) => (path === '' ? [] : { path: path.replace(/^\/+/, '') }));
}

/** What is declared, and where nothing is, what was concluded. */
function licensesOf(each: JsonObject, texts: ReadonlyMap<string, string>): readonly string[] {
  const license = asserted(each['licenseDeclared']) ?? asserted(each['licenseConcluded']);
  return license === undefined ? [] : licensesIn(license).map((part) => texts.get(part) ?? part);
}

/** The names of what the document defines as `LicenseRef-…`; where it gives only the text, the beginning of that. */
function licenseTexts(document: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    objectsIn(document['hasExtractedLicensingInfos']).flatMap(({ licenseId, name, extractedText }) => {
      const id = textIn(licenseId);
      const text = asserted(name) ?? asserted(extractedText);
      return id === undefined || text === undefined ? [] : [[id, text] as const];
    }),
  );
}

function agent(value: unknown): string | undefined {
  const text = textIn(value);
  return text === undefined ? undefined : readAgent(text);
}

/** SPDX 2.3, 7: `NOASSERTION` and `NONE` stand where nothing is said. */
function asserted(value: unknown): string | undefined {
  const text = textIn(value);
  return text === 'NOASSERTION' || text === 'NONE' ? undefined : text;
}

/** `Tool: syft-1.0.0`: the version is what follows the last dash before a digit. */
function toolOf(document: JsonObject): string | undefined {
  const creators = objectsIn([document['creationInfo']]).flatMap(({ creators }) => textsIn(creators));
  const tool = creators.find((creator) => creator.startsWith('Tool: '))?.slice('Tool: '.length);
  return tool?.slice(0, 200).replace(/-v?\d[^-]*$/, '');
}

function subjectName(subject: JsonObject | undefined): string | undefined {
  const name = textIn(subject?.['name']);
  const version = asserted(subject?.['versionInfo']);
  return name === undefined || version === undefined ? name : `${name}@${version}`;
}
