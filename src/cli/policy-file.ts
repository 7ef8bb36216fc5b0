import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { defaultPolicy, type Policy, parsePolicy } from '../policy/index.ts';
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
  const read = (name: string, most: number) => readInput(resolve(folder, name), most).toString('utf8');
  return {
    ...policy,
    trust: {
      signers: signers.map((signer) =>
        signer.kind === 'identity' || signer.key.startsWith('-----')
          ? signer
          : { ...signer, key: read(signer.key, limits.keyFileBytes) },
      ),
      trustedRoot: trustedRoot === undefined ? undefined : read(trustedRoot, limits.trustedRootBytes),
    },
  };
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
