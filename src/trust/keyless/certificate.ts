import { X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { messageOf } from '../../error.ts';
import { limits } from '../../limits.ts';
import { type DerElement, derElements, objectIdentifier } from './der.ts';
import { failed } from './failure.ts';

/** Who a certificate says its holder is, as the certificate authority saw it. */
export interface CertificateIdentity {
  /** Subject alternative names: an e-mail address, a URI, or a user name. */
  readonly identities: readonly string[];
  /** URL of the OpenID Connect provider that vouched for it. */
  readonly issuer: string;
  /** What else the identity token said, by the names of `claimNames`. */
  readonly claims: ReadonlyMap<ClaimName, string>;
}

/** Fulcio's certificate extensions below 1.3.6.1.4.1.57264.1 (Fulcio, "OID information") that hold a DER UTF8String. */
const claimNames = {
  9: 'buildSignerUri',
  10: 'buildSignerDigest',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryUri',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  15: 'sourceRepositoryIdentifier',
  16: 'sourceRepositoryOwnerUri',
  17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigUri',
  19: 'buildConfigDigest',
  20: 'buildTrigger',
  21: 'runInvocationUri',
  22: 'sourceRepositoryVisibility',
} as const;

export type ClaimName = (typeof claimNames)[keyof typeof claimNames];

const fulcioArc = '1.3.6.1.4.1.57264.1';
const subjectAlternativeName = '2.5.29.17';
const codeSigning = '1.3.6.1.5.5.7.3.3';
const utf8String = 0x0c;

/** The signer's certificate, DER. @throws PlimsollError `trust/certificate` where a key signed */
export function leafOf({ verificationMaterial: { content } }: Bundle): Buffer {
  switch (content.$case) {
    case 'certificate':
      return content.certificate.rawBytes;
    case 'x509CertificateChain':
      return content.x509CertificateChain.certificates[0]?.rawBytes ?? Buffer.alloc(0);
    case 'publicKey':
      throw failed('certificate', 'The bundle has no certificate: it was signed with a key, which has to be given.');
  }
}

/**
 * A certificate as OpenSSL reads it.
 *
 * @throws PlimsollError `trust/certificate` when it is broken, is that of an authority, or is not for signing code
 */
export function readLeaf(der: Uint8Array): X509Certificate {
  const leaf = parsed(der);
  if (leaf.ca) throw failed('certificate', 'The certificate is that of an authority, which must not sign by itself.');
  // Node's `keyUsage` is the extended key usage (RFC 5280, 4.2.1.12).
  if (!(leaf.keyUsage ?? []).includes(codeSigning)) {
    throw failed('certificate', 'The certificate was not issued for signing code.');
  }
  return leaf;
}

function parsed(der: Uint8Array): X509Certificate {
  try {
    const leaf = new X509Certificate(der);
    // Its key is read when it is asked for.
    if (leaf.publicKey.type === 'public') return leaf;
    throw new Error('it has no key');
  } catch (error) {
    throw failed('certificate', `The certificate cannot be read: ${messageOf(error)}.`, error);
  }
}

/**
 * A certificate's extensions (RFC 5280, 4.1), raw, by object identifier. Nothing of it is verified.
 *
 * @throws PlimsollError `trust/certificate`
 */
export function extensionsIn(der: Buffer): readonly { readonly oid: string; readonly value: Buffer }[] {
  try {
    const [certificate] = derElements(der);
    const [body] = derElements(certificate?.content ?? Buffer.alloc(0));
    const explicit = derElements(body?.content ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa3);
    const [list] = derElements(explicit?.content ?? Buffer.alloc(0));
    return derElements(list?.content ?? Buffer.alloc(0)).map(({ content }) => {
      const [oid, ...rest] = derElements(content);
      return { oid: objectIdentifier(oid?.content ?? Buffer.alloc(0)), value: rest.at(-1)?.content ?? Buffer.alloc(0) };
    });
  } catch (error) {
    throw failed('certificate', `The certificate cannot be read: ${messageOf(error)}.`, error);
  }
}

/**
 * The identity out of a certificate's extensions. Read here, as UTF-8: a reading as 7-bit text lets two identities look
 * alike that are not.
 *
 * @param extensions raw values by object identifier
 * @throws PlimsollError `trust/certificate`
 */
export function readIdentity(
  extensions: readonly { readonly oid: string; readonly value: Buffer }[],
): CertificateIdentity {
  const byOid = new Map<string, Buffer>();
  for (const { oid, value } of extensions) {
    if (byOid.has(oid)) throw failed('certificate', `The certificate has the extension ${oid} twice.`);
    byOid.set(oid, value);
  }
  try {
    const names = byOid.get(subjectAlternativeName);
    const identities = names === undefined ? [] : alternativeNames(names);
    if (identities.length === 0) throw new Error('it names no identity');
    const issuer = byOid.get(`${fulcioArc}.8`);
    const oldIssuer = byOid.get(`${fulcioArc}.1`);
    if (issuer === undefined && oldIssuer === undefined) throw new Error('it names no issuer of the identity');
    const claims = new Map<ClaimName, string>();
    for (const [arc, name] of Object.entries(claimNames)) {
      const value = byOid.get(`${fulcioArc}.${arc}`);
      if (value !== undefined) claims.set(name, derText(value));
    }
    return {
      identities,
      issuer: issuer !== undefined ? derText(issuer) : text(oldIssuer ?? Buffer.alloc(0)),
      claims,
    };
  } catch (error) {
    throw failed('certificate', `The certificate's identity cannot be read: ${messageOf(error)}.`, error);
  }
}

/** RFC 5280, 4.2.1.6: GeneralNames. An `otherName` is Fulcio's for user names (1.3.6.1.4.1.57264.1.7). */
function alternativeNames(der: Buffer): string[] {
  const [names] = derElements(der);
  if (names === undefined || names.tag !== 0x30) throw new Error('its alternative names are no list');
  return derElements(names.content).flatMap((name) => {
    if (name.tag === 0x81 || name.tag === 0x86) {
      if (name.content.some((byte) => byte >= 0x80)) throw new Error('an alternative name is not in ASCII');
      return [text(name.content)];
    }
    return name.tag === 0xa0 ? userName(name) : [];
  });
}

function userName({ content }: DerElement): string[] {
  const [kind, value] = derElements(content);
  if (kind?.tag !== 0x06 || objectIdentifier(kind.content) !== `${fulcioArc}.7` || value?.tag !== 0xa0) return [];
  return [derText(value.content)];
}

function derText(der: Buffer): string {
  const [element, ...more] = derElements(der);
  if (element?.tag !== utf8String || more.length > 0) throw new Error('an extension holds no text');
  return text(element.content);
}

function text(bytes: Buffer): string {
  if (bytes.length === 0 || bytes.length > limits.identityLength) throw new Error(`a text of ${bytes.length} bytes`);
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
