import { purlFor } from '../../sbom/index.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';

// No separators, blanks or control characters; registries allow 214 characters, and old packages have capital letters.
const namePattern = /^(?:@[^/@\s\p{Cc}]+\/)?[^/@\s\p{Cc}.][^/@\s\p{Cc}]*$/u;

export function isPackageName(name: string): boolean {
  return name.length <= 300 && namePattern.test(name);
}

export function isVersion(version: string): boolean {
  return version.length <= 256 && /^[^\s\p{Cc}]+$/u.test(version);
}

/** @throws PlimsollError `sbom/no-purl` */
export function npmId(name: string, version: string | undefined): string {
  return purlFor({ type: 'npm', name, version });
}

/** `@scope/name@rest` in two; `rest` is empty where there is none. */
export function splitAtVersion(text: string): readonly [name: string, rest: string] {
  const at = text.indexOf('@', 1);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * The package that a lock file means by a name and what it was resolved to: a version; `npm:real@1.2.3`, another package
 * under this name; an archive or a commit, which leave the version open. `undefined`: a folder of the project itself.
 *
 * @throws PlimsollError `catalog/malformed-file` when that is no name or version
 */
export function packageFacts(
  file: CatalogFile,
  name: string,
  resolution: string,
): { readonly name: string; readonly version?: string } | undefined {
  const facts = resolvedPackage(name, resolution);
  if (facts === undefined) return undefined;
  if (!isPackageName(facts.name)) throw malformed(file, `names a package "${facts.name.slice(0, 100)}"`);
  if (facts.version !== undefined && !isVersion(facts.version))
    throw malformed(file, `gives ${facts.name} the version "${facts.version.slice(0, 100)}"`);
  return facts;
}

function resolvedPackage(
  name: string,
  resolution: string,
): { readonly name: string; readonly version?: string } | undefined {
  if (resolution.startsWith('npm:')) {
    const [real, version] = splitAtVersion(resolution.slice('npm:'.length));
    return version === '' ? { name, version: real } : { name: real, version };
  }
  if (/^(?:link|workspace|portal|root):/.test(resolution)) return undefined;
  if (/^(?:file:|\.{0,2}\/)/.test(resolution)) return isArchive(resolution) ? { name } : undefined;
  return resolution === '' || /[:/#]/.test(resolution) ? { name } : { name, version: resolution };
}

/** Whether a path or URL is of a packed package, not a folder. */
export function isArchive(location: string): boolean {
  return /\.(?:tgz|tar\.gz|tar)(?:$|[?#:])/.test(location);
}
