import { createHash, verify, X509Certificate } from 'node:crypto';
import { limits } from '../../limits.ts';
import { derContents, derElements, objectIdentifier } from './der.ts';
import type { TrustedTimestampAuthority } from './trust-material.ts';

const [integer, octetString, nothing, oid, sequence, set, context0] = [0x02, 0x04, 0x05, 0x06, 0x30, 0x31, 0xa0];
const empty = Buffer.alloc(0);
const signedDataType = '1.2.840.113549.1.7.2';
const timestampInfoType = '1.2.840.113549.1.9.16.1.4';
const messageDigestAttribute = '1.2.840.113549.1.9.4';

const digests: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** RFC 5758, 3.2; RFC 8017, A.2.4; RFC 8419, 3.1. A digest that is not named is that of the signer. */
const signatures: ReadonlyMap<string, { readonly key: 'ec' | 'rsa' | 'ed25519'; readonly digest?: string }> = new Map([
  ['1.2.840.10045.4.3.2', { key: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', digest: 'sha512' }],
  ['1.2.840.113549.1.1.1', { key: 'rsa' }],
  ['1.2.840.113549.1.1.11', { key: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', digest: 'sha512' }],
  ['1.3.101.112', { key: 'ed25519' }],
]);

interface SignedTimestamp {
  readonly issuer: Buffer;
  readonly serialNumber: Buffer;
  /** Extra certificates that it carries, DER. */
  readonly certificates: readonly Buffer[];
  readonly isSignedBy: (authority: X509Certificate) => boolean;
}

/**
 * Checks an RFC 3161 timestamp byte for byte: its signature over the bytes that stand there, and that all bytes around what
 * is signed are the only ones that belong there. @sigstore/verify checks what it is of, and when it was made; it reads
 * leniently, so that there would be many timestamps that differ and all count.
 *
 * Throws an `Error` that says what is wrong.
 */
export function checkTimestamp(der: Buffer, authorities: readonly TrustedTimestampAuthority[]): void {
  const timestamp = readTimestamp(der);
  const named = authorities.filter(
    ({ issuer, serialNumber }) => issuer.equals(timestamp.issuer) && serialNumber.equals(timestamp.serialNumber),
  );
  if (named.length === 0) throw new Error('it is of an authority that the trusted root does not name');
  const signer = named.find(({ chain: [leaf] }) => leaf !== undefined && timestamp.isSignedBy(leaf));
  if (signer === undefined) throw new Error('its authority did not sign it');
  checkCarried(timestamp.certificates, signer.chain);
}

/** RFC 3161, 2.4.2; RFC 5652, 3 and 5.1. */
function readTimestamp(der: Buffer): SignedTimestamp {
  const [response = empty] = derContents(der, sequence);
  const [status = empty, token = empty] = derContents(response, sequence, sequence);
  checkGranted(status);
  const [type = empty, wrapped = empty] = derContents(token, oid, context0);
  if (objectIdentifier(type) !== signedDataType) throw new Error('it is not signed');
  const [signedData = empty] = derContents(wrapped, sequence);
  const carries = derElements(signedData)[3]?.tag === context0;
  const [version = empty, algorithms = empty, content = empty, ...rest] = carries
    ? derContents(signedData, integer, set, sequence, context0, set)
    : derContents(signedData, integer, set, sequence, set);
  if (!version.equals(Buffer.from([3]))) throw new Error('its version is unknown');
  const [contentType = empty, wrappedContent = empty] = derContents(content, oid, context0);
  if (objectIdentifier(contentType) !== timestampInfoType) throw new Error('what is signed is no timestamp');
  const [info = empty] = derContents(wrappedContent, octetString);
  const [signerInfo = empty] = derContents(rest.at(-1) ?? empty, sequence);
  const [algorithm = empty] = derContents(algorithms, sequence);
  return {
    ...readSigner(signerInfo, info, digestIn(algorithm)),
    certificates: carries ? derElements(rest[0] ?? empty).map(({ raw }) => raw) : [],
  };
}

/** RFC 5652, 5.3, with a signer named by its certificate's issuer and number, and nothing that is not signed. */
function readSigner(der: Buffer, info: Buffer, digest: string): Omit<SignedTimestamp, 'certificates'> {
  const tags = [integer, sequence, sequence, context0, sequence, octetString] as const;
  const [version = empty, name = empty, algorithm = empty, attributes = empty, scheme = empty, signature = empty] =
    derContents(der, ...tags);
  if (!version.equals(Buffer.from([1]))) throw new Error("its signer's version is unknown");
  const [issuer = empty, serialNumber = empty] = derContents(name, sequence, integer);
  if (digestIn(algorithm) !== digest) throw new Error('its digest is not that of its signer');
  const digestHolds = createHash(digest).update(info).digest().equals(messageDigestIn(attributes));
  if (!digestHolds) throw new Error('its digest does not hold');
  const known = signatures.get(algorithmIn(scheme));
  if (known === undefined) throw new Error('its signature is of an unknown kind');
  const signed = Buffer.from(derElements(der)[3]?.raw ?? empty);
  // What is signed has the identifier octet of a set (RFC 5652, 5.4).
  signed.writeUInt8(set, 0);
  const hash = known.key === 'ed25519' ? null : (known.digest ?? digest);
  return {
    issuer,
    serialNumber,
    isSignedBy: ({ publicKey }) =>
      publicKey.asymmetricKeyType === known.key && verify(hash, signed, publicKey, signature),
  };
}

/** PKIStatusInfo: granted as it was asked for, perhaps with a text for people. */
function checkGranted(status: Buffer): void {
  const [code, ...texts] = derElements(status);
  const granted = code?.tag === integer && code.content.equals(Buffer.from([0]));
  if (!granted || texts.length > 1 || texts.some(({ tag }) => tag !== sequence)) {
    throw new Error('its authority did not grant it');
  }
}

function messageDigestIn(attributes: Buffer): Buffer {
  const found = derElements(attributes).flatMap(({ content }) => {
    const [type = empty, values = empty] = derContents(content, oid, set);
    return objectIdentifier(type) === messageDigestAttribute ? derContents(values, octetString) : [];
  });
  if (found.length !== 1) throw new Error('it has no digest');
  return found[0] ?? empty;
}

function digestIn(algorithm: Buffer): string {
  const digest = digests.get(algorithmIn(algorithm));
  if (digest === undefined) throw new Error('its digest is of an unknown kind');
  return digest;
}

/** AlgorithmIdentifier without parameters, which may be said by leaving them out. */
function algorithmIn(der: Buffer): string {
  const [name = empty, parameters] =
    derElements(der).length === 1 ? derContents(der, oid) : derContents(der, oid, nothing);
  if (parameters !== undefined && parameters.length > 0) throw new Error('an algorithm in it has parameters');
  return objectIdentifier(name);
}

/** They are not signed with it: each has to be of the authority's chain, or to be signed by one that is here. */
function checkCarried(certificates: readonly Buffer[], chain: readonly X509Certificate[]): void {
  if (certificates.length > limits.certificatesPerBundle)
    throw new Error(`it carries ${certificates.length} certificates`);
  const others = certificates
    .filter((raw) => !chain.some((each) => each.raw.equals(raw)))
    .map((raw) => new X509Certificate(raw));
  const issuers = [...chain, ...others];
  const genuine = (each: X509Certificate) =>
    issuers.some((issuer) => each.checkIssued(issuer) && each.verify(issuer.publicKey));
  if (!others.every(genuine)) throw new Error('a certificate that it carries was changed');
}
