import { isRecord, repeatedName } from '../image/index.ts';
import { limits } from '../limits.ts';
import { type Annotations, textsOf } from './annotation.ts';
import { malformed, parseSigned } from './malformed.ts';

/** What a legacy image signature is over (containers/image, "Simple signing"; cosign, "Signature specification"). */
export interface SimpleSigning {
  /** The repository that the signer saw the image in. Anyone may copy the image, so that it proves nothing. */
  readonly reference: string;
  /** Of the manifest that is signed. */
  readonly digest: string;
  readonly annotations: Annotations;
}

/** It is part of what is signed: no other document of the same shape is a signature. */
const signatureType = 'cosign container image signature';

/** @throws PlimsollError `trust/bad-payload` */
export function readSimpleSigning(payload: Buffer): SimpleSigning {
  if (payload.length > limits.simpleSigningBytes) {
    throw malformed('payload', `it has ${payload.length} bytes, over ${limits.simpleSigningBytes}`);
  }
  const root = parseSigned(payload, 'payload', limits.simpleSigningBytes);
  const critical = property(root, 'critical');
  const type = property(critical, 'type');
  if (type !== signatureType) throw malformed('payload', 'its type is not that of an image signature');
  const digest = property(property(critical, 'image'), 'docker-manifest-digest');
  const reference = property(property(critical, 'identity'), 'docker-reference');
  if (typeof digest !== 'string') throw malformed('payload', 'it names no digest');
  if (typeof reference !== 'string') throw malformed('payload', 'it names no repository');
  const optional = property(root, 'optional');
  return { reference, digest, annotations: isRecord(optional) ? textsOf(optional) : {} };
}

/** Whether some reader would take the bytes for the payload of an image signature, one that merges repeated names among them. */
export function mayBeSimpleSigning(bytes: Buffer): boolean {
  const json = bytes.length > limits.simpleSigningBytes ? undefined : jsonIn(bytes);
  const criticals = valuesOf(json, 'critical');
  if (criticals.length > 1 || (criticals.length > 0 && repeatedName(bytes.toString('utf8')) !== undefined)) return true;
  return criticals.some((critical) => valuesOf(critical, 'type').includes(signatureType));
}

export function simpleSigningBytes({ reference, digest, annotations }: SimpleSigning): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: signatureType,
      },
      optional: Object.keys(annotations).length === 0 ? null : annotations,
    }),
  );
}

/** Signers differ in the case of these names. One that is there twice would mean two things to two readers. */
function property(json: unknown, name: string): unknown {
  const [value, ...more] = valuesOf(json, name);
  if (more.length > 0) throw malformed('payload', `"${name}" is there twice`);
  return value;
}

function valuesOf(json: unknown, name: string): readonly unknown[] {
  if (!isRecord(json)) return [];
  return Object.entries(json).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
