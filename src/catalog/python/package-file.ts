import { normalisedName } from './package-name.ts';

/** Names of built and source distributions (Python packaging specifications, "Binary distribution format", "Source distribution format"). */
const wheel = /^([A-Z0-9][A-Z0-9._]*)-(\d[\w.!+]*)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/i;
const sourceArchive = /^([A-Z0-9][A-Z0-9._-]*)-(\d[\w.!+]*)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/i;

export interface AddressedPackage {
  readonly name: string;
  readonly version?: string;
}

/**
 * The package that an address or path says that it leads to: `…/name-1.0-py3-none-any.whl`, `…/name-1.0.tar.gz`, or, as
 * pip takes it, `git+https://…#egg=name`. `undefined` where it does not say.
 */
export function packageAt(address: string): AddressedPackage | undefined {
  const [place = '', fragment = ''] = address.split('#', 2);
  const [path = ''] = place.split('?', 1);
  const file = decoded(path.slice(path.lastIndexOf('/') + 1));
  // A forge names the archives that it makes of a repository after it, or after a tag.
  const isOfForge = /\/(?:archive|tarball|zipball)\/|^git\+/.test(path);
  const [, name, version] = wheel.exec(file) ?? (isOfForge ? null : sourceArchive.exec(file)) ?? [];
  if (name !== undefined && version !== undefined) return { name, version };
  const egg = /(?:^|&)egg=([A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?)(?=$|[&[])/i.exec(decoded(fragment))?.[1];
  return egg === undefined ? undefined : { name: egg };
}

/** The version that an address gives the package of that name. */
export function versionAt(address: string | undefined, name: string): string | undefined {
  const there = address === undefined ? undefined : packageAt(address);
  return there !== undefined && normalisedName(there.name) === normalisedName(name) ? there.version : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
