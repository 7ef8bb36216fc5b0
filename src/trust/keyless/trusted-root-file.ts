import { TrustedRoot } from '@sigstore/protobuf-specs';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { trustIn } from './trust-material.ts';

/**
 * Trusted roots out of a file (Sigstore protobuf-specs, `TrustedRoot` as JSON): one, or one on each line, as
 * `gh attestation trusted-root` writes those of several deployments.
 *
 * @param name what to call it in an error
 * @throws PlimsollError `trust/trusted-root`
 */
export function readTrustedRoots(content: Buffer, name: string): readonly TrustedRoot[] {
  if (content.length > limits.trustedRootBytes) {
    throw unusable(name, `it has ${content.length} bytes, over the limit of ${limits.trustedRootBytes}`);
  }
  const documents = parse(content.toString('utf8')) ?? linesOf(content.toString('utf8'), name);
  if (documents.length === 0) throw unusable(name, 'it is empty');
  return documents.map((json) => {
    const root = fromJson(json, name);
    if (root.certificateAuthorities.length === 0) throw unusable(name, 'it names no certificate authority');
    return root;
  });
}

function linesOf(text: string, name: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const parsed = parse(line);
      if (parsed === undefined) throw unusable(name, 'it is not JSON');
      return parsed;
    });
}

function parse(text: string): readonly unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return undefined;
  }
}

function fromJson(json: unknown, name: string): TrustedRoot {
  try {
    const root = TrustedRoot.fromJSON(json);
    trustIn(root);
    return root;
  } catch (thrown) {
    throw unusable(name, messageOf(thrown), thrown);
  }
}

function unusable(name: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust/trusted-root', `The trusted root ${name} cannot be used: ${why.slice(0, 300)}`, {
    hint: 'Get the trusted root of your Sigstore deployment again; for GitHub: gh attestation trusted-root',
    cause,
  });
}
