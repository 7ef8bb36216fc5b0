/** The lines that `go version -m` shows (runtime/debug, `BuildInfo.String` and `ParseBuildInfo`). */
import { limits } from '../../limits.ts';
import { lines } from '../lines.ts';

export interface GoModule {
  readonly path: string;
  /** `v1.2.3`, a pseudo-version, or `(devel)` for what was built from a folder. */
  readonly version: string;
}

export interface ModuleList {
  /** Import path of the main package. */
  readonly path?: string | undefined;
  readonly main?: GoModule | undefined;
  readonly dependencies: readonly GoModule[];
  /** `GOOS`, `vcs.revision`, `-ldflags` and so on. */
  readonly settings: ReadonlyMap<string, string>;
}

/**
 * A module that was replaced is given as its replacement, which is what the program contains. One that was replaced by a folder keeps its path and has
 * the version `(devel)`. The checksums (`h1:`) are left out: they are over a list of a module's
 * source files, and no file has them.
 *
 * @returns a sentence's end that says what is wrong, when it is not such a list
 */
export function parseModuleList(text: string): ModuleList | string {
  let path: string | undefined;
  let main: GoModule | undefined;
  const dependencies: GoModule[] = [];
  const settings = new Map<string, string>();
  let replaceable: 'main' | 'dependency' | undefined;
  for (const line of lines(text)) {
    if (dependencies.length > limits.componentsPerFile) return 'lists more Go modules than are read of one program';
    const [word = '', ...columns] = line.split('\t');
    if (word === 'path') path = columns.join('\t');
    else if (word === 'mod' || word === 'dep') {
      const [name, version] = columns;
      if (name === undefined || name === '' || version === undefined || columns.length > 3) return bad(line);
      if (word === 'mod') main = { path: name, version };
      else dependencies.push({ path: name, version });
      replaceable = word === 'mod' ? 'main' : 'dependency';
    } else if (word === '=>') {
      const [name, version] = columns;
      const replaced = replaceable === 'main' ? main : dependencies.at(-1);
      if (name === undefined || name === '' || version === undefined || columns.length !== 3) return bad(line);
      if (replaceable === undefined || replaced === undefined) return bad(line);
      const replacement = isFolder(name) ? { path: replaced.path, version: '(devel)' } : { path: name, version };
      if (replaceable === 'main') main = replacement;
      else dependencies[dependencies.length - 1] = replacement;
      replaceable = undefined;
    } else if (word === 'build') {
      const [key, value] = setting(columns.join('\t'));
      if (key === '') return bad(line);
      settings.set(key, value);
    }
  }
  return { path, main, dependencies, settings };
}

function bad(line: string): string {
  return `has Go build information with the line "${line.slice(0, 100)}", which says nothing`;
}

/** Go modules reference, "replace directive": what begins with `./`, `../` or a root is a folder. */
function isFolder(path: string): boolean {
  return /^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[A-Za-z]:)/.test(path);
}

/** `key=value`; each may be quoted. */
function setting(text: string): [string, string] {
  const quoted = /^(?:"(?:[^"\\]|\\.)*"|`[^`]*`)/.exec(text)?.[0];
  const key = quoted ?? text.slice(0, Math.max(text.indexOf('='), 0));
  return text[key.length] === '=' ? [unquoted(key), unquoted(text.slice(key.length + 1))] : ['', ''];
}

const escapes = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** Go's string literals (strconv.Unquote). */
function unquoted(text: string): string {
  const quote = text[0];
  if (text.length < 2 || text.at(-1) !== quote) return text;
  if (quote === '`') return text.slice(1, -1);
  if (quote !== '"') return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|(.))/gi, (_, x, u, long, octal, other) => {
      const hexadecimal: string | undefined = x ?? u ?? long;
      if (hexadecimal === undefined && octal === undefined) return escapes.get(other) ?? other;
      const code = hexadecimal === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hexadecimal, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
    });
}
