import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import { limits } from '../limits.ts';

/** Where something stands in the text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Path = readonly (string | number)[];

/** A YAML text as plain values, with the place of each. */
export interface YamlSource {
  readonly value: unknown;
  /** What is wrong with it as YAML. When there is any, `value` is not to be used. */
  readonly mistakes: readonly {
    readonly position: Position;
    readonly path: Path;
    readonly message: string;
    readonly hint: string;
  }[];
  /** Of the value at `path`, or of its key; of the nearest that exists where nothing does. */
  positionOf(path: Path, part: 'key' | 'value'): Position;
}

interface Mark {
  readonly at: number;
  readonly keyAt: number;
  readonly inside: Map<string | number, Mark>;
}

/**
 * Reads YAML 1.2 (core schema) that may be hostile. The library's own conversion looks for duplicate keys in quadratic
 * time and expands aliases before it counts, so the tree is walked here: bounded in depth and in values.
 */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const mistakes: { position: Position; path: Path; message: string; hint: string }[] = [];
  const report = (offset: number, path: Path, message: string, hint: string) => {
    if (mistakes.length < mistakesAtMost) mistakes.push({ position: place(offset), path, message, hint });
  };

  const root: Mark = { at: 0, keyAt: 0, inside: new Map() };
  const anchors = new Map<string, Node>();
  let values = 0;
  let stopped = false;

  function plain(node: unknown, path: Path, mark: Mark): unknown {
    if (stopped) return undefined;
    if (++values > limits.policyValues) {
      stopped = true;
      const message = `there are more than ${limits.policyValues} values`;
      report(mark.at, [], message, 'Aliases count as what they repeat: use fewer.');
      return undefined;
    }
    if (path.length > limits.policyDepth) {
      stopped = true;
      report(mark.at, [], `this is nested deeper than ${limits.policyDepth} levels`, 'A policy needs six levels.');
      return undefined;
    }
    if (isAlias(node)) return plain(anchored(node, path, mark), path, mark);
    if (isScalar(node)) {
      remember(node);
      return node.value;
    }
    if (isSeq(node)) {
      remember(node);
      return node.items.map((item, index) => plain(item, [...path, index], child(mark, index, item, item)));
    }
    if (!isMap(node)) return null;
    remember(node);
    const object: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? nameOf(key) : undefined;
      const offset = offsetOf(key) ?? mark.at;
      if (name === undefined) report(offset, path, 'a key is not a text', 'Keys are single words, such as "rules".');
      // zod leaves it out of records without a word, and what it demands with it.
      else if (name === '__proto__') report(offset, [...path, name], 'the key "__proto__" is refused', 'Use another.');
      else if (name in object) {
        report(
          offset,
          [...path, name],
          `the key "${name}" stands twice`,
          'Keep one of them: YAML would ignore the other.',
        );
      } else {
        const entry = child(mark, name, value, key);
        object[name] = plain(value, [...path, name], entry);
      }
    }
    return object;
  }

  function remember(node: Node & { anchor?: string }): void {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  }

  function anchored(alias: Alias, path: Path, mark: Mark): unknown {
    const node = anchors.get(alias.source);
    if (node === undefined)
      report(
        mark.at,
        path,
        `there is no anchor "${alias.source}" above`,
        `Define it with &${alias.source}, or quote a text that begins with "*".`,
      );
    return node;
  }

  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      // At 'silent' a second document would go unnoticed.
      logLevel: 'error',
      schema: 'core',
      merge: false,
    });
    // What the parser says after it gave up is about its own state.
    const exhausted = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
    if (exhausted !== undefined) throw new RangeError(exhausted.message);
    for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
      if (code === 'MULTIPLE_DOCS')
        report(pos[0], [], 'a second document begins here', 'A policy is one document: leave out the line "---".');
      else report(pos[0], [], `not valid YAML: ${firstLine(message)}`, hintFor(text, pos[0]));
    }
    if (mistakes.length === 0) {
      const mark = { ...root, at: offsetOf(document.contents) ?? 0 };
      return { value: plain(document.contents, [], mark), mistakes, positionOf: finder(mark, place) };
    }
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    report(0, [], 'it is nested too deeply to be read', 'A policy needs six levels.');
  }
  return { value: undefined, mistakes, positionOf: finder(root, place) };
}

const mistakesAtMost = 100;

function finder(root: Mark, place: (offset: number) => Position): YamlSource['positionOf'] {
  return (path, part) => {
    let mark = root;
    for (const step of path) {
      const next = mark.inside.get(step);
      if (next === undefined) return place(mark.at);
      mark = next;
    }
    return place(part === 'key' ? mark.keyAt : mark.at);
  };
}

function child(mark: Mark, step: string | number, value: unknown, key: unknown): Mark {
  const keyAt = offsetOf(key) ?? mark.at;
  const entry: Mark = { at: offsetOf(value) ?? keyAt, keyAt, inside: new Map() };
  mark.inside.set(step, entry);
  return entry;
}

function nameOf(key: Scalar): string | undefined {
  return key.value === null || typeof key.value === 'object' ? undefined : String(key.value);
}

function offsetOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** The two traps that people meet most in YAML; for the rest, where to look. */
function hintFor(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(start, start + limits.policyTextLength).split('\n', 1)[0] ?? '';
  if (/^ *\t/.test(line)) return 'Indent with blanks: YAML does not allow tabs there.';
  if (/:\s+[*&>|%@`!]/.test(line)) return 'Quote a text that begins with *, &, >, |, %, @, ` or !.';
  return 'Look at the indentation, the brackets and the quotes here and on the line before.';
}
