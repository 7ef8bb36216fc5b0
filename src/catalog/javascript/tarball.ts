import { isPackageName, isVersion } from './package-name.ts';

/**
 * What a registry's address of a packed package says that it is: `https://host/path/@scope/name/-/name-1.2.3.tgz`
 * (npm's registry API, `dist.tarball`). `undefined` for addresses of another form.
 */
function packageAt(address: string): { readonly name: string; readonly version: string } | undefined {
  const [, path = ''] = /^https?:\/\/[^/?#]+\/([^?#]*)/.exec(address) ?? [];
  const mark = path.indexOf('/-/');
  if (mark < 0 || !path.endsWith('.tgz')) return undefined;
  const segments = decoded(path.slice(0, mark)).split('/');
  const file = decoded(path.slice(path.lastIndexOf('/') + 1, -'.tgz'.length));
  const last = segments.at(-1) ?? '';
  if (last === '' || !file.startsWith(`${last}-`)) return undefined;
  const scope = segments.at(-2) ?? '';
  return { name: scope.startsWith('@') ? `${scope}/${last}` : last, version: file.slice(last.length + 1) };
}

/**
 * The package that a lock file's entry brings: package managers install what is at the address, whatever the entry
 * calls it and whatever version it states.
 */
export function installedFrom<Facts extends { readonly name: string; readonly version?: string }>(
  facts: Facts,
  address: string,
): Facts {
  const there = packageAt(address);
  if (there === undefined || !isPackageName(there.name) || !isVersion(there.version)) return facts;
  const isSame = there.name === facts.name && there.version === withoutBuild(facts.version);
  return isSame ? facts : { ...facts, ...there };
}

/** Build metadata is no part of an archive's name. */
function withoutBuild(version: string | undefined): string | undefined {
  return version?.replace(/^[v=]+/, '').replace(/\+.*$/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
