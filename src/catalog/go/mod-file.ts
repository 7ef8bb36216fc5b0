/** The syntax of `go.mod` (Go modules reference, "go.mod files"). */
import { limits } from '../../limits.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';
import { lines } from '../lines.ts';

export interface ModFile {
  readonly module: string | undefined;
  /** Of the `go` line: `1.22`, `1.23.4`, `1.21rc2`. */
  readonly language: string | undefined;
  readonly required: readonly Required[];
  /** By `path` or `path version`. */
  readonly replaced: ReadonlyMap<string, Replacement>;
  /** `path version` of each. */
  readonly excluded: ReadonlySet<string>;
}

export interface Required {
  readonly path: string;
  /** May also be the name of a branch, which the go command has not resolved yet. */
  readonly version: string;
}

/** Without a version it is a folder. */
export interface Replacement {
  readonly path: string;
  readonly version: string | undefined;
}

/** @throws PlimsollError `catalog/malformed-file` */
export function parseModFile(file: CatalogFile, text: string): ModFile {
  let module: string | undefined;
  let language: string | undefined;
  let isEmpty = true;
  const required: Required[] = [];
  const replaced = new Map<string, Replacement>();
  const excluded = new Set<string>();
  for (const [verb, ...words] of directives(file, text)) {
    const [path, version] = words;
    isEmpty = false;
    if (verb === 'module') module = path;
    else if (verb === 'go') language = path;
    else if (verb === 'require' || verb === 'exclude') {
      if (path === undefined || version === undefined || words.length > 2)
        throw malformed(file, `has "${verb}" without a path and a version`);
      if (verb === 'require') required.push({ path, version });
      else excluded.add(`${path} ${version}`);
    } else if (verb === 'replace') {
      const arrow = words.indexOf('=>');
      const [target, targetVersion] = words.slice(arrow + 1);
      if (arrow < 1 || arrow > 2 || target === undefined || words.length > arrow + 3)
        throw malformed(file, 'has "replace" that is none');
      replaced.set(words.slice(0, arrow).join(' '), { path: target, version: targetVersion });
    }
  }
  if (module === undefined && !isEmpty) throw malformed(file, 'has no "module" line');
  return { module, language, required, replaced, excluded };
}

/** The verb and the words of each directive, those within a block `verb ( … )` too. */
function* directives(file: CatalogFile, text: string): Generator<readonly string[]> {
  let block: string | undefined;
  for (const line of lines(text)) {
    if (line.length > limits.goModLineLength) throw malformed(file, 'has a line that is too long');
    const words = wordsOf(line);
    const [first] = words;
    if (first === undefined) continue;
    if (block === undefined && words[1] === '(') block = first;
    else if (block === undefined) yield words;
    else if (first === ')') block = undefined;
    else yield [block, ...words];
  }
  if (block !== undefined) throw malformed(file, `ends within "${block.slice(0, 100)} ("`);
}

/** A word may be quoted; `//` begins a comment. */
const word = /\/\/.*|"((?:[^"\\]|\\.)*)"|`([^`]*)`|([()[\]{},]|(?:(?!\/\/)[^\s()[\]{},])+)/g;

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(word)].flatMap(
    ([, quoted, raw, bare]) => quoted?.replace(/\\(.)/g, '$1') ?? raw ?? bare ?? [],
  );
}
