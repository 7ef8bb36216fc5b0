import { limits } from '../../limits.ts';
import { purlFor } from '../../sbom/index.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';

/** Python packaging specifications, "Names and normalization". */
export const namePattern = /^[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?/i;

/** PEP 503: names that differ only in case and separators are one name. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** @throws PlimsollError `sbom/no-purl` */
export function pypiId(name: string, version: string | undefined): string {
  return purlFor({ type: 'pypi', name: normalisedName(name), version });
}

/** @throws PlimsollError `catalog/malformed-file` when that is no name or version */
export function pypiFacts(
  file: CatalogFile,
  name: string | undefined,
  version: string | undefined,
): { readonly name: string; readonly version?: string | undefined } {
  if (name === undefined || name.length > 300 || namePattern.exec(name)?.[0] !== name)
    throw malformed(
      file,
      name === undefined ? 'has a package without a name' : `names a package "${name.slice(0, 100)}"`,
    );
  if (version !== undefined && (version.length > 256 || !/^[^\s\p{Cc}]+$/u.test(version)))
    throw malformed(file, `gives ${name} the version "${version.slice(0, 100)}"`);
  return { name, version };
}

/**
 * Finds the entries of a lock file by the name of their package, in any spelling.
 *
 * @throws PlimsollError `catalog/malformed-file` when there are more versions of one package than can be
 */
export function byName<Entry>(
  file: CatalogFile,
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string | undefined,
): (name: string | undefined) => readonly Entry[] {
  const index = Map.groupBy(entries, (entry) => normalisedName(nameOf(entry) ?? ''));
  for (const [name, same] of index) {
    if (same.length > limits.versionsPerName)
      throw malformed(file, `locks ${same.length} versions of "${name.slice(0, 100)}"`);
  }
  return (name) => index.get(normalisedName(name ?? '')) ?? [];
}
