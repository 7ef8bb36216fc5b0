import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import {
  checkPolicy,
  defaultPolicy,
  type Policy,
  type Problem,
  parsePolicy,
  type Trusted,
  trustedIn,
} from '../policy/index.ts';
import { parsePublicKey, trustedRootsIn } from '../trust/index.ts';
import { readInput } from './input-file.ts';

/** Looked for in the current folder. */
export const policyFileName = 'plimsoll.yaml';

/** The policy that was named; else `plimsoll.yaml` of this folder; else the default line. */
export function loadPolicy(named: string | undefined): Policy {
  if (named === undefined && !existsSync(policyFileName)) return defaultPolicy();
  const file = named ?? policyFileName;
  return withFiles(parsePolicy(readPolicyText(file, '--policy FILE'), file), dirname(file));
}

/** With the content of the files that it names: the same keys are the same policy, wherever they lie. */
function withFiles(policy: Policy, folder: string): Policy {
  const { signers, trustedRoot } = policy.trust;
  return {
    ...policy,
    trust: {
      signers: signers.map((signer) =>
        signer.kind === 'identity' ? signer : { ...signer, key: contentOf('key', signer.key, folder) },
      ),
      trustedRoot: trustedRoot === undefined ? undefined : contentOf('trustedRoot', trustedRoot, folder),
    },
  };
}

/** @throws PlimsollError `cli/unreadable-file` */
function contentOf(kind: Trusted['kind'], text: string, folder: string): string {
  if (isKey(kind, text)) return text;
  const most = kind === 'key' ? limits.keyFileBytes : limits.trustedRootBytes;
  return readInput(isAbsolute(text) ? text : join(folder, text), most).toString('utf8');
}

/** And not the path of one. */
function isKey(kind: Trusted['kind'], text: string): boolean {
  return kind === 'key' && text.startsWith('-----');
}

/** All that is wrong with a policy, and with the keys and the trusted root that it names. */
export async function problemsOf(policyText: string, folder: string): Promise<readonly Problem[]> {
  const trusted = await Promise.all(trustedIn(policyText).map((each) => problemWith(each, folder)));
  return [...checkPolicy(policyText), ...trusted.flat()].sort(
    (one, other) => one.line - other.line || one.column - other.column,
  );
}

/** What a gate would stumble over, found in the same way. */
async function problemWith({ kind, text, line, column, path }: Trusted, folder: string): Promise<readonly Problem[]> {
  try {
    const content = Buffer.from(contentOf(kind, text, folder));
    const name = isKey(kind, text) ? 'this' : text;
    if (kind === 'key') parsePublicKey(content, name);
    else await trustedRootsIn(content, name);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    const { message, hint } = thrown;
    return [{ level: 'error', line, column, path, message, hint }];
  }
}

/** `other`: how the call could name another file. */
export function readPolicyText(file: string, other: string): string {
  try {
    const { size } = statSync(file);
    if (size > limits.policyBytes) {
      throw new PlimsollError(
        'cli/policy-too-large',
        `The policy ${file} has ${size} bytes; the limit is ${limits.policyBytes}`,
        {
          hint: 'Check that this is the right file.',
        },
      );
    }
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError('cli/no-policy', `The policy ${file} cannot be read: ${messageOf(thrown)}`, {
      hint: existsSync(policyFileName)
        ? `Name another: ${other}`
        : `Name another (${other}), or start one: plimsoll policy init`,
      cause: thrown,
    });
  }
}
