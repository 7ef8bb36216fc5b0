import { verify } from 'node:crypto';
import { type Bundle, bundleToJSON } from '@sigstore/bundle';
import { DSSEBundleBuilder, MessageSignatureBundleBuilder, type Witness } from '@sigstore/sign';
import { PlimsollError } from '../../error.ts';
import { readBundle } from '../bundle.ts';
import type { Sealer, ToSeal } from '../sealer.ts';
import { leafOf, readLeaf } from './certificate.ts';
import { fulcioSigner } from './fulcio.ts';
import { findIdentityToken, type IdentityOptions } from './identity-token.ts';
import { rekorWitness } from './rekor.ts';
import { serviceUrl } from './service-url.ts';
import { type ServiceAddresses, servicesIn } from './signing-config.ts';
import { timestampWitness } from './timestamp-authority.ts';

/** Who vouches for a signature with an identity. */
export type SigningServices =
  | ({ readonly kind: 'urls' } & ServiceAddresses)
  /** Sigstore protobuf-specs, `SigningConfig` v0.2, as JSON. */
  | { readonly kind: 'config'; readonly content: Buffer; readonly name: string };

/** The public Sigstore: what is signed there stands in its log, with the identity, for everyone and for good. */
export const publicServices: SigningServices = {
  kind: 'urls',
  fulcio: 'https://fulcio.sigstore.dev',
  rekor: { url: 'https://rekor.sigstore.dev', version: 1 },
};

/**
 * Signs with an identity: with a key that lives for one signature and a certificate for it. The bundle holds the
 * certificate, and the log entry and timestamp that prove when it was valid.
 *
 * @throws PlimsollError `trust/signing-config`, `trust/service-url`, `trust/no-witness`; the sealer also
 * `trust/no-identity`, `trust/identity-token`, `trust/identity-provider`, `trust/signing-service`
 */
export async function keylessSealer(identity: IdentityOptions, services: SigningServices): Promise<Sealer> {
  const { fulcio, rekor, tsa } = services.kind === 'config' ? servicesIn(services.content, services.name) : services;
  // Rekor v2 vouches for no time; without one nobody can tell later that the certificate was valid.
  if (tsa === undefined && rekor?.version !== 1) throw noWitness();
  const witnesses: Witness[] = [];
  if (rekor !== undefined) witnesses.push(rekorWitness(baseUrl(rekor.url, 'The address of Rekor'), rekor.version));
  if (tsa !== undefined) witnesses.push(timestampWitness(serviceUrl(tsa, 'The address of the timestamp authority')));
  const fulcioUrl = baseUrl(fulcio, 'The address of Fulcio');
  return async (toSeal) => {
    const signer = fulcioSigner(fulcioUrl, await findIdentityToken(identity));
    const bundle =
      toSeal.kind === 'envelope'
        ? await new DSSEBundleBuilder({ signer, witnesses }).create({ data: toSeal.payload, type: toSeal.payloadType })
        : await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data: toSeal.bytes });
    checkOwn(bundle, toSeal);
    return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
  };
}

/** For addresses below it. */
function baseUrl(text: string, what: string): URL {
  const url = serviceUrl(text, what);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** A certificate for another key than the one that signed would make a signature that nobody can verify. */
function checkOwn(bundle: Bundle, toSeal: ToSeal): void {
  const { content } = readBundle(Buffer.from(JSON.stringify(bundleToJSON(bundle))));
  const [bytes, signature] =
    content.kind === 'envelope'
      ? [content.envelope.signedBytes, content.envelope.signatures[0]]
      : [toSeal.kind === 'message' ? toSeal.bytes : undefined, content.message.signature];
  const { publicKey } = readLeaf(leafOf(bundle));
  if (bytes !== undefined && signature !== undefined && verify('sha256', bytes, publicKey, signature)) return;
  throw new PlimsollError('trust/signing-service', 'The certificate authority gave a certificate for another key', {
    hint: 'Nothing was attached. Do not rely on this certificate authority.',
    kind: 'unavailable',
  });
}

function noWitness(): PlimsollError {
  return new PlimsollError('trust/no-witness', 'Nobody would vouch for the time of the signature', {
    hint: 'A certificate is valid for minutes: name a timestamp authority, or a log of version 1, which promises the time.',
  });
}
