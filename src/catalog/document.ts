/** Lock files and manifests in JSON, YAML and TOML: parsed within bounds, and looked into without trusting their shape. */
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { CatalogFile } from './cataloger.ts';

/** Why a file is not read. `what` continues the sentence `"path" …`. */
export function malformed(file: CatalogFile, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('catalog/malformed-file', `"${file.path}" ${what}.`, {
    hint: 'Write the file again with the tool that made it, or leave it out of what is scanned.',
    cause,
  });
}

/** @throws PlimsollError `catalog/file-too-large` */
export function boundedText(file: CatalogFile, bytes: number = limits.lockFileBytes): string {
  if (file.content.size > bytes) {
    throw new PlimsollError(
      'catalog/file-too-large',
      `"${file.path}" has ${file.content.size} bytes, and at most ${bytes} of such a file are read.`,
      { hint: 'Split the project, or leave the file out of what is scanned.' },
    );
  }
  return file.content.text();
}

/** @throws PlimsollError `catalog/malformed-file`, `catalog/file-too-large` */
export function jsonOf(file: CatalogFile): unknown {
  return parsed(file, 'JSON', () => JSON.parse(boundedText(file)));
}

/** @throws PlimsollError `catalog/malformed-file`, `catalog/file-too-large` */
export function tomlOf(file: CatalogFile): unknown {
  return parsed(file, 'TOML', () => parseToml(boundedText(file)));
}

/**
 * Every document of a YAML file, all scalars as the strings that are written (`1.10` is not a number here). Aliases are
 * refused: no lock file has them, and a few lines of them unfold without end.
 *
 * @throws PlimsollError `catalog/malformed-file`, `catalog/file-too-large`
 */
export function yamlOf(file: CatalogFile): readonly unknown[] {
  return parsed(file, 'YAML', () => {
    // `uniqueKeys` compares every key with every other one.
    const options = { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
    return [...parseAllDocuments(boundedYaml(file), options)].map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      return document.toJS({ maxAliasCount: 0 });
    });
  });
}

/** Few bytes can make many nodes, and the parser goes on after errors. */
function boundedYaml(file: CatalogFile): string {
  const text = boundedText(file, limits.yamlBytes);
  let marks = 0;
  for (const _ of text.matchAll(/[\n,:[{"'&!?]/g)) marks += 1;
  if (marks > limits.yamlMarks) throw malformed(file, 'has more entries than a lock file has');
  return text;
}

/** Parsers also throw what is no syntax error, such as a `RangeError` on deep nesting. */
function parsed<T>(file: CatalogFile, format: string, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw malformed(file, `is not valid ${format}: ${messageOf(thrown).split('\n', 1)[0]}`, thrown);
  }
}

type Mapping = { readonly [key: string]: unknown };

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of a mapping; `undefined` if there is none, or no mapping. Names that come with every object are no fields. */
export function field(value: unknown, name: string): unknown {
  return isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A field that is a text with something in it. */
export function textField(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

/** The names and values of a mapping; none of anything else. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isMapping(value) ? Object.entries(value) : [];
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The entries of a part that a format defines as a mapping: none when it is absent.
 *
 * @throws PlimsollError `catalog/malformed-file` when it is something else
 */
export function sectionOf(file: CatalogFile, value: unknown, name: string): readonly (readonly [string, unknown])[] {
  const section = field(value, name);
  if (section !== undefined && !isMapping(section)) throw malformed(file, `has "${name}" that is not a mapping`);
  return entriesOf(section);
}

/** @throws PlimsollError `catalog/malformed-file` when there is such a field and it is not a list */
export function sectionList(file: CatalogFile, value: unknown, name: string): readonly unknown[] {
  const section = field(value, name);
  if (section !== undefined && !Array.isArray(section)) throw malformed(file, `has "${name}" that is not a list`);
  return listOf(section);
}
