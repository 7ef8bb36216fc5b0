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

/** Things by the normalised name of a package; several versions of it may be there. */
export function byName<T>(things: Iterable<T>, nameOf: (thing: T) => string): (name: string) => readonly T[] {
  const index = Map.groupBy(things, (thing) => normalisedName(nameOf(thing)));
  return (name) => index.get(normalisedName(name)) ?? [];
}
