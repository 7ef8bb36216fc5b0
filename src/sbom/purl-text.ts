/** What a purl says, decoded, before its type's own rules. */
export interface PurlText {
  readonly type: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly version: string | undefined;
  readonly qualifiers: ReadonlyMap<string, string>;
  readonly subpath: string | undefined;
}

/**
 * Takes a purl apart in the order that the specification gives (ECMA-427, "How to parse a purl string"), each part decoded
 * once: a `%25` in a value is a percent sign, and a `+` is a plus sign. A scope whose `@` is not encoded is understood.
 *
 * @throws Error with what is wrong
 */
export function splitPurl(text: string): PurlText {
  const [beforeSubpath, subpath] = splitLast(text.trim(), '#');
  const [beforeQualifiers, qualifiers] = splitLast(beforeSubpath, '?');
  const colon = beforeQualifiers.indexOf(':');
  if (beforeQualifiers.slice(0, Math.max(colon, 0)).toLowerCase() !== 'pkg')
    throw new Error('it does not begin with pkg:');
  const [type = '', ...path] = segments(beforeQualifiers.slice(colon + 1));
  const [named, version] = splitVersion(path.join('/'));
  const names = segments(named);
  const name = names.pop();
  if (name === undefined) throw new Error('it has no name');
  return {
    type: type.toLowerCase(),
    namespace: names.length === 0 ? undefined : names.map(decoded).join('/'),
    name: decoded(name),
    version: version === undefined || version === '' ? undefined : decoded(version),
    qualifiers: qualifiersIn(qualifiers ?? ''),
    subpath: subpathIn(subpath ?? ''),
  };
}

function qualifiersIn(text: string): ReadonlyMap<string, string> {
  const qualifiers = new Map<string, string>();
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    // A key without a value is as if it were not there.
    if (equals < 0 || equals === pair.length - 1) continue;
    const key = pair.slice(0, equals).toLowerCase();
    if (qualifiers.has(key)) throw new Error(`it has the qualifier "${key}" more than once`);
    qualifiers.set(key, decoded(pair.slice(equals + 1)));
  }
  return qualifiers;
}

function subpathIn(text: string): string | undefined {
  const kept = segments(text)
    .map(decoded)
    .filter((segment) => segment !== '.' && segment !== '..');
  return kept.length === 0 ? undefined : kept.join('/');
}

/** `@` also begins the scope of an npm package, where some tools do not encode it. */
function splitVersion(path: string): [named: string, version: string | undefined] {
  const at = path.lastIndexOf('@');
  return at <= 0 || path[at - 1] === '/' ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)];
}

function splitLast(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`"${text.slice(0, 80)}" is not percent-encoded text`);
  }
}
