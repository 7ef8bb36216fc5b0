import { createHash } from 'node:crypto';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Component } from './component.ts';
import { componentsFrom } from './described.ts';
import type { Inventory, Unknown } from './evidence.ts';
import { type JsonObject, objectIn, textIn } from './json.ts';
import { type ReadDocument, readCycloneDx } from './read-cyclonedx.ts';
import { distroOfPackages } from './read-distro.ts';
import { readSpdx } from './read-spdx.ts';

const understood = 'Give an SBOM in CycloneDX JSON (1.2 to 1.7) or SPDX JSON (2.2 or 2.3).';

/**
 * An SBOM, whichever tool wrote it, as an inventory. Vulnerabilities in it are not taken over: they are looked for anew.
 *
 * @param reference as the user named it
 * @throws PlimsollError `sbom/too-large`, `sbom/not-json`, `sbom/unsupported-format`, `sbom/too-many-components`
 */
export function readSbom(bytes: Uint8Array, reference: string): Inventory {
  if (bytes.length > limits.sbomBytes) throw tooLarge(reference);
  const { format, read } = readDocument(unwrapped(parsed(text(bytes, reference), reference)), reference);
  const unread = new Set(read.problems);
  const components = componentsFrom(read, (reason) => unread.add(reason));
  if (!read.packages.some(({ exact }) => exact) && lackSources(components)) unread.add(withoutSources);
  const problems = [...unread].map(
    (reason): Unknown => ({ kind: 'unread-file', path: reference, cataloger: format, reason }),
  );
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    artifact: { kind: 'sbom', reference, digest, subject: read.subject },
    distro: read.distro ?? distroOfPackages(components),
    components,
    unknown: [...read.unknown, ...problems],
  };
}

const withoutSources =
  'its Debian or Alpine packages do not say which source packages they were built from, which is what advisories name';

/** Syft leaves out a source package of the same name, and other tools name every one: only a document without any is in doubt. */
function lackSources(components: readonly Component[]): boolean {
  const packages = components.filter(({ type }) => type === 'deb' || type === 'apk');
  const isOfSyft = ({ foundBy }: Component) => /^syft\b|-cataloger$/.test(foundBy);
  return packages.some((each) => !isOfSyft(each)) && packages.every(({ source }) => source === undefined);
}

function readDocument(document: JsonObject, reference: string): { format: string; read: ReadDocument } {
  const tooMany = (): never => {
    throw new PlimsollError(
      'sbom/too-many-components',
      `The SBOM ${reference} lists more than ${limits.componentsPerFile} components`,
      { hint: 'Give each artifact an SBOM of its own.' },
    );
  };
  if (document['bomFormat'] === 'CycloneDX') {
    const version = textIn(document['specVersion']) ?? 'without a version';
    if (!/^1\.[2-7]$/.test(version)) throw unsupported(reference, `is CycloneDX ${version.slice(0, 40)}`);
    return { format: 'cyclonedx', read: readCycloneDx(document, limits.componentsPerFile, tooMany) };
  }
  const spdxVersion = textIn(document['spdxVersion']);
  if (spdxVersion !== undefined) {
    if (!/^SPDX-2\.[23]$/.test(spdxVersion)) throw unsupported(reference, `is ${spdxVersion.slice(0, 40)}`);
    return { format: 'spdx', read: readSpdx(document, limits.componentsPerFile, tooMany) };
  }
  throw unsupported(reference, looksLike(document));
}

/** GitHub's API answers `{"sbom": …}`, BuildKit `{"SPDX": …}`, and an attestation (in-toto Statement) holds a predicate. */
function unwrapped(document: JsonObject): JsonObject {
  if (document['bomFormat'] !== undefined || document['spdxVersion'] !== undefined) return document;
  return objectIn(document['sbom']) ?? objectIn(document['SPDX']) ?? objectIn(document['predicate']) ?? document;
}

function parsed(json: string, reference: string): JsonObject {
  const start = json.trimStart().slice(0, 200);
  if (start === '') throw empty(reference);
  if (start.startsWith('<')) throw unsupported(reference, 'is XML');
  if (/^(?:SPDXVersion:|#)/.test(start)) throw unsupported(reference, 'is in SPDX tag-value form or another text');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (thrown) {
    throw new PlimsollError('sbom/not-json', `The SBOM ${reference} is not JSON: ${messageOf(thrown).slice(0, 200)}`, {
      hint: `${understood} A document that was cut off has to be made or fetched again.`,
      cause: thrown,
    });
  }
  const document = objectIn(value);
  if (document === undefined) throw unsupported(reference, 'is no JSON object');
  return document;
}

/** UTF-8, or what PowerShell's `>` makes of it. */
function text(bytes: Uint8Array, reference: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch (thrown) {
    // More characters than a string can have.
    throw tooLarge(reference, thrown);
  }
}

/** Names what people mistake for an SBOM, so that they know what to ask their tool for. */
function looksLike(document: JsonObject): string {
  if (textIn(document['@context'])?.includes('spdx') === true) return 'is SPDX 3';
  if (Array.isArray(document['artifacts']) && objectIn(document['descriptor']) !== undefined)
    return 'is in the format of Syft or Grype itself';
  if (document['SchemaVersion'] !== undefined && document['Results'] !== undefined) return 'is a report of Trivy';
  if (document['payloadType'] !== undefined) return 'is a signed envelope, not the document in it';
  if (document['lockfileVersion'] !== undefined) return 'is a lock file (scan it as file: or its folder as dir:)';
  return 'is neither a CycloneDX nor an SPDX document';
}

function empty(reference: string): PlimsollError {
  return new PlimsollError('sbom/not-json', `The SBOM ${reference} is empty`, {
    hint: `The program that should have written it wrote nothing; see what it says. ${understood}`,
  });
}

function unsupported(reference: string, what: string): PlimsollError {
  return new PlimsollError('sbom/unsupported-format', `${reference} cannot be read as an SBOM: it ${what}`, {
    hint: understood,
  });
}

function tooLarge(reference: string, cause?: unknown): PlimsollError {
  return new PlimsollError('sbom/too-large', `The SBOM ${reference} is larger than ${limits.sbomBytes} bytes`, {
    hint: 'Check that this is the right file; give each artifact an SBOM of its own.',
    cause,
  });
}
