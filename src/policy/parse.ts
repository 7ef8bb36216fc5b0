import { basename } from 'node:path';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { defaultPolicyText } from './default-policy.ts';
import { type Line, linesOf, type Policy, type PolicyData } from './line.ts';
import { type Located, type Problem, pathText, problemsOf } from './problem.ts';
import { type Gate, gates, type PolicyFile, policySchema } from './schema.ts';
import { senseOf } from './sense.ts';
import { trustRules, trustSenseOf } from './trust-sense.ts';
import { type Path, readYaml, type YamlSource } from './yaml-source.ts';

const shown = 5;
const problemsAtMost = 100;

/**
 * The policy that a text says, the default line taken in unless it says `extends: nothing`. `fileName` is for messages
 * and for the source of exceptions.
 * @throws PlimsollError `policy/invalid`, whose details are the first problems by line and column
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const answer = readPolicy(text);
  if (!answer.ok) throw invalid(answer.problems, fileName);
  const { file, base, lines, source } = answer;
  return {
    name: fileName,
    lines,
    exceptions: (file.exceptions ?? []).map((exception, index) => ({
      ...exception,
      source: `${basename(fileName)}:${source.positionOf(['exceptions', index], 'value').line}`,
    })),
    data: dataOf(file, base),
    trust: {
      signers: Object.entries(file.trust?.signers ?? {}).map(([name, credential]) => ({ name, ...credential })),
      trustedRoot: file.trust?.trustedRoot,
    },
  };
}

/** All that is wrong with a policy text, or works but probably not as meant, by line and column. Never throws. */
export function checkPolicy(text: string): readonly Problem[] {
  return readPolicy(text).problems;
}

/** What a policy rests on beside itself, where the text says so: all of its keys, and its trusted root. */
export function trustedIn(text: string): readonly Trusted[] {
  return readPolicy(text).trusted;
}

/** The line that holds without a policy file. */
export function defaultPolicy(): Policy {
  return parsePolicy(defaultPolicyText, 'built-in default');
}

/** A file that `trust` names, or a key that stands there itself. */
export interface Trusted extends Pick<Problem, 'line' | 'column' | 'path'> {
  readonly kind: 'key' | 'trustedRoot';
  /** A path relative to the policy file, or the PEM text of the key. */
  readonly text: string;
}

type Answer = { readonly trusted: readonly Trusted[] } & (
  | { readonly ok: false; readonly problems: readonly Problem[] }
  | {
      readonly ok: true;
      readonly file: PolicyFile;
      readonly base: PolicyFile | undefined;
      readonly lines: Readonly<Record<Gate, Line>>;
      readonly source: YamlSource;
      /** Warnings only. */
      readonly problems: readonly Problem[];
    }
);

function readPolicy(text: string): Answer {
  if (Buffer.byteLength(text) > limits.policyBytes) {
    const message = `the file is larger than ${limits.policyBytes} bytes`;
    return failed([{ level: 'error', line: 1, column: 1, path: '', message, hint: 'Is this a policy file?' }]);
  }
  const source = readYaml(text);
  if (source.mistakes.length > 0) {
    return failed(
      source.mistakes.map(({ position, path, message, hint }) => ({
        level: 'error',
        ...position,
        path: pathText(path),
        message,
        hint,
      })),
    );
  }
  const parsed = policySchema.safeParse(source.value);
  if (!parsed.success) return failed(placed(problemsOf(parsed.error.issues, source.value), source));
  const file = parsed.data;
  const base = file.extends === 'nothing' ? undefined : defaultFile();
  const { lines, problems } = linesOf(file, base);
  const rules = gates.flatMap((gate) => lines[gate].rules);
  const all = placed(
    [...problems, ...senseOf(file, rules, trustRules(lines)), ...trustSenseOf(file, lines, problems.length === 0)],
    source,
  );
  const trusted = trustedBy(file, source);
  if (all.some(({ level }) => level === 'error')) return failed(all, trusted);
  return { ok: true, file, base, lines, source, problems: all, trusted };
}

function trustedBy({ trust }: PolicyFile, source: YamlSource): readonly Trusted[] {
  const stated = (kind: Trusted['kind'], text: string, path: Path): Trusted => {
    return { kind, text, path: pathText(path), ...source.positionOf(path, 'value') };
  };
  const root = trust?.trustedRoot;
  return [
    ...Object.entries(trust?.signers ?? {}).flatMap(([name, signer]) =>
      signer.kind === 'key' ? [stated('key', signer.key, ['trust', 'signers', name, 'key'])] : [],
    ),
    ...(root === undefined ? [] : [stated('trustedRoot', root, ['trust', 'trustedRoot'])]),
  ];
}

function defaultFile(): PolicyFile {
  return policySchema.parse(readYaml(defaultPolicyText).value);
}

/** Where nothing is said, a week: what a file that extends nothing still rests on. */
function dataOf(file: PolicyFile, base: PolicyFile | undefined): PolicyData {
  const week = 7 * 86_400_000;
  return {
    maxAge: file.data?.maxAge ?? base?.data?.maxAge ?? week,
    ubuntuPro: file.data?.ubuntuPro ?? base?.data?.ubuntuPro ?? false,
  };
}

function placed(problems: readonly Located[], source: YamlSource): readonly Problem[] {
  return problems
    .map(({ level, path, part, message, hint }): Problem => {
      return { level, ...source.positionOf(path, part), path: pathText(path), message, hint };
    })
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

function failed(problems: readonly Problem[], trusted: readonly Trusted[] = []): Answer {
  return { ok: false, problems: problems.slice(0, problemsAtMost), trusted };
}

function invalid(problems: readonly Problem[], fileName: string): PlimsollError {
  const errors = problems.filter(({ level }) => level === 'error');
  const lines = errors
    .slice(0, shown)
    .map(({ line, column, message, hint }) => `${fileName}:${line}:${column}: ${message}. ${hint}`);
  const more = errors.length > shown ? [`and ${errors.length - shown} more`] : [];
  const [problem, number] = errors.length === 1 ? ['a problem', ''] : ['problems', `${errors.length} `];
  return new PlimsollError('policy/invalid', `The policy has ${number}${problem}`, {
    details: [...lines, ...more],
    hint: `Run "plimsoll policy check ${fileName}" for all of them.`,
  });
}
