/** A version of a repository, as `git+https://github.com/acme/app@refs/heads/main` names it (SPDX 2.3, 7.7). */
export interface GitSource {
  /** Without `git+`: `https://github.com/acme/app`. */
  readonly repository: string;
  readonly ref?: string | undefined;
}

/** `undefined` for what is no such URI. A ref may have an `@` and a `#` of its own, and is all of the rest. */
export function gitSource(uri: string | undefined): GitSource | undefined {
  const [, repository, ref] = /^git\+(https?:\/\/[^@#?\s]+)(?:@(.+))?$/.exec(uri ?? '') ?? [];
  if (repository === undefined || repositoryName(repository) === undefined) return undefined;
  return { repository, ref };
}

/**
 * Whether both name one repository: host, owner and name exactly. `git+`, `https://`, `.git` and a slash at the end may be there
 * or not; GitHub takes owners and names in any case, other hosts as they are.
 */
export function sameRepository(one: string, other: string): boolean {
  const name = repositoryName(one);
  return name !== undefined && name === repositoryName(other);
}

/** Whether a text names a repository at all: `github.com/acme/app`. */
export function isRepository(text: string): boolean {
  return repositoryName(text) !== undefined;
}

export function isOnGithub(text: string): boolean {
  return repositoryName(text)?.startsWith('https://github.com/') === true;
}

const pattern = /^(?:git\+)?(?:(https?):\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(\d{1,5}))?((?:\/[\w.~+-]+)+)\/?$/i;
const longest = 1_000;

function repositoryName(text: string): string | undefined {
  if (text.length > longest) return undefined;
  const [, scheme = 'https', host = '', port, path = ''] = pattern.exec(text) ?? [];
  const parts = path.split('/').slice(1);
  const last = parts.at(-1)?.replace(/\.git$/i, '');
  if (last === undefined || last === '' || parts.length < 2 || parts.some((part) => /^\.+$/.test(part)))
    return undefined;
  const server = host.toLowerCase();
  // A first part without a dot is an owner, not a host.
  if (!server.includes('.') && port === undefined && !/:\/\//.test(text)) return undefined;
  const protocol = scheme.toLowerCase();
  const isDefaultPort = port === undefined || Number(port) === (protocol === 'https' ? 443 : 80);
  const names = [...parts.slice(0, -1), last].join('/');
  if (server === 'github.com')
    return parts.length === 2 && isDefaultPort ? `https://${server}/${names.toLowerCase()}` : undefined;
  return `${protocol}://${server}${isDefaultPort ? '' : `:${port}`}/${names}`;
}
