/** The fields of a `package.json` (npm documentation, "package.json"), also where lock files repeat them. */
import { entriesOf, field, listOf, textField } from '../document.ts';
import { licenseExpression } from '../license.ts';

/** `license` is a text; old packages have `{ type }`, or a list of either in `license` or `licenses`. */
export function licensesOf(manifest: unknown): readonly string[] {
  const declared = [field(manifest, 'license'), field(manifest, 'licenses')].flatMap((value) =>
    Array.isArray(value) ? listOf(value) : [value],
  );
  const texts = declared.flatMap((license) => {
    const text = typeof license === 'string' ? license : textField(license, 'type');
    return text === undefined || text.trim() === '' ? [] : [licenseExpression(text)];
  });
  return [...new Set(texts)].sort();
}

/** The author's name; `author` is `Name <mail> (page)` or `{ name }`. */
export function supplierOf(manifest: unknown): string | undefined {
  const author = textField(manifest, 'author') ?? textField(field(manifest, 'author'), 'name');
  const name = author?.split(/[<(]/, 1)[0]?.trim();
  return name === undefined || name === '' ? undefined : name.slice(0, 300);
}

/** The home page, or else the page of the repository. */
export function homepageOf(manifest: unknown): string | undefined {
  const repository = textField(manifest, 'repository') ?? textField(field(manifest, 'repository'), 'url');
  return pageOf(textField(manifest, 'homepage')) ?? pageOf(repository);
}

const hosts: ReadonlyMap<string, string> = new Map([
  ['github:', 'https://github.com/'],
  ['gitlab:', 'https://gitlab.com/'],
  ['bitbucket:', 'https://bitbucket.org/'],
]);

function pageOf(location: string | undefined): string | undefined {
  const text = location?.trim() ?? '';
  if (text === '' || text.length > 1_000 || /\s/.test(text)) return undefined;
  const [, host = 'github:', path] = /^(github:|gitlab:|bitbucket:)?([\w.-]+\/[\w.-]+)$/.exec(text) ?? [];
  if (path !== undefined) return `${hosts.get(host)}${path}`;
  const url = text
    .replace(/^git\+/, '')
    .replace(/^(?:git|ssh):\/\/(?:[^/@]*@)?/, 'https://')
    .replace(/^git@([^:/]+):/, 'https://$1/');
  return /^https?:\/\/[^/]/.test(url) ? url.replace(/\.git$/, '') : undefined;
}

/** Names of what it needs to run. Peers are needed too, unless it can do without; someone else brings them. */
export function neededNames(manifest: unknown): readonly string[] {
  const peers = field(manifest, 'peerDependenciesMeta');
  const names = ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
    entriesOf(field(manifest, kind))
      .map(([name]) => name)
      .filter((name) => kind !== 'peerDependencies' || field(field(peers, name), 'optional') !== true),
  );
  return [...new Set(names)];
}
