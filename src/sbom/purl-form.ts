import type { PurlText } from './purl-text.ts';

/** A purl's parts by the rules of its type, and the one text that says them. */
export interface CanonicalPurl extends PurlText {
  readonly purl: string;
}

type Parts = Omit<PurlText, 'qualifiers' | 'subpath'> & Partial<Pick<PurlText, 'qualifiers' | 'subpath'>>;

const lower = (text: string) => text.toLowerCase();

/** Parts that types compare without regard to case (package-url/purl-spec, "types"). */
const caseless: Readonly<Record<string, readonly ('namespace' | 'name' | 'version')[]>> = {
  alpm: ['namespace', 'name'],
  apk: ['namespace', 'name'],
  bitbucket: ['namespace', 'name'],
  bitnami: ['name'],
  composer: ['namespace', 'name'],
  deb: ['namespace', 'name'],
  github: ['namespace', 'name'],
  gitlab: ['namespace', 'name'],
  hex: ['namespace', 'name'],
  huggingface: ['version'],
  luarocks: ['version'],
  npm: ['namespace', 'name'],
  oci: ['name'],
  pub: ['name'],
  pypi: ['namespace', 'name'],
  qpkg: ['namespace'],
  rpm: ['namespace'],
};

/** Parts that types cannot do without, and those that they do not have. */
const required: Readonly<Record<string, readonly ('namespace' | 'version')[]>> = {
  cran: ['version'],
  maven: ['namespace'],
  swift: ['namespace', 'version'],
};
const withoutNamespace: ReadonlySet<string> = new Set(['mlflow', 'oci']);

/**
 * ECMA-427, "How to build a purl string".
 *
 * @throws Error with what is wrong
 */
export function canonicalPurl({ type, qualifiers = new Map(), ...parts }: Parts): CanonicalPurl {
  if (!/^[a-z.+-][a-z0-9.+-]*$/.test(type)) throw new Error(`"${type.slice(0, 80)}" is not a type`);
  const inCase = (part: 'namespace' | 'name' | 'version', text: string) =>
    caseless[type]?.includes(part) === true ? lower(text) : text;
  const segments = parts.namespace?.split('/').filter((segment) => segment !== '') ?? [];
  const namespace = segments.length === 0 ? undefined : inCase('namespace', segments.join('/'));
  const name = nameIn(type, inCase('name', parts.name.trim()), qualifiers);
  const version = filled(inCase('version', parts.version?.trim() ?? ''));
  const subpath = filled(parts.subpath ?? '');
  if (name === '') throw new Error('it has no name');
  for (const part of required[type] ?? []) {
    if ({ namespace, version }[part] === undefined) throw new Error(`${type} demands a ${part}`);
  }
  if (namespace !== undefined && withoutNamespace.has(type)) throw new Error(`${type} has no namespaces`);
  const own = [...qualifiers].map(([key, value]) => [key, value.trim()] as const).filter(([, value]) => value !== '');
  for (const [key] of own) {
    if (!/^[a-z._-][a-z0-9._-]*$/.test(key)) throw new Error(`"${key.slice(0, 80)}" is no name of a qualifier`);
  }
  const sorted = new Map(own.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  const canonical = { type, namespace, name, version, qualifiers: sorted, subpath };
  return { ...canonical, purl: textOf(canonical) };
}

function nameIn(type: string, name: string, qualifiers: ReadonlyMap<string, string>): string {
  if (type === 'pypi') return name.replaceAll('_', '-');
  if (type === 'pub') return name.replaceAll('-', '_');
  // Databricks compares them without regard to case, Azure ML does not.
  return type === 'mlflow' && qualifiers.get('repository_url')?.includes('databricks') === true ? lower(name) : name;
}

function textOf({ type, namespace, name, version, qualifiers, subpath }: PurlText): string {
  let purl = `pkg:${type}/`;
  if (namespace !== undefined) purl += `${encoded(namespace).replaceAll('%2F', '/').replaceAll('%3A', ':')}/`;
  purl += encoded(name);
  if (version !== undefined) purl += `@${encoded(version).replaceAll('%3A', ':').replaceAll('%2B', '+')}`;
  let separator = '?';
  for (const [key, value] of qualifiers) {
    purl += `${separator}${key}=${encodedStrictly(value)}`;
    separator = '&';
  }
  return subpath === undefined ? purl : `${purl}#${encoded(subpath).replaceAll('%2F', '/')}`;
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new Error('it has half of a character');
  }
}

/** As query strings of addresses are (URL Standard, "application/x-www-form-urlencoded percent-encode set"), which is what other tools write. */
function encodedStrictly(text: string): string {
  return encoded(text).replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function filled(text: string): string | undefined {
  return text === '' ? undefined : text;
}
