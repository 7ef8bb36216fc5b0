import { verify } from 'node:crypto';
import { type Bundle, bundleToJSON } from '@sigstore/bundle';
import { SigningConfig } from '@sigstore/protobuf-specs';
import {
  type BundleBuilder,
  bundleBuilderFromSigningConfig,
  DSSEBundleBuilder,
  FulcioSigner,
  InternalError,
  MessageSignatureBundleBuilder,
  RekorWitness,
  TSAWitness,
  type Witness,
} from '@sigstore/sign';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { readBundle } from '../bundle.ts';
import type { Sealer, ToSeal } from '../sealer.ts';
import { leafOf, readLeaf } from './certificate.ts';
import { findIdentityToken, type IdentityOptions } from './identity-token.ts';
import { serviceUrl } from './service-url.ts';

/** Who vouches for a signature with an identity. */
export type SigningServices =
  | {
      readonly kind: 'urls';
      /** The certificate authority. */
      readonly fulcio: string;
      readonly rekor?: { readonly url: string; readonly version: 1 | 2 } | undefined;
      /** An RFC 3161 timestamp authority. */
      readonly tsa?: string | undefined;
    }
  /** Sigstore protobuf-specs, `SigningConfig` v0.2, as JSON. */
  | { readonly kind: 'config'; readonly content: Buffer; readonly name: string };

/** The public Sigstore: what is signed there stands in its log, with the identity, for everyone and for good. */
export const publicServices: SigningServices = {
  kind: 'urls',
  fulcio: 'https://fulcio.sigstore.dev',
  rekor: { url: 'https://rekor.sigstore.dev', version: 1 },
};

type BundleType = 'dsseEnvelope' | 'messageSignature';

/**
 * Signs with an identity: with a key that lives for one signature and a certificate for it. The bundle holds the
 * certificate, and the log entry and timestamp that prove when it was valid.
 *
 * @throws PlimsollError `trust/signing-config`, `trust/service-url`, `trust/no-witness`; the sealer also
 * `trust/no-identity`, `trust/identity-token`, `trust/identity-provider`, `trust/signing-service`
 */
export async function keylessSealer(identity: IdentityOptions, services: SigningServices): Promise<Sealer> {
  const builderFor = buildersOf(services, {
    getToken: async () => (await findIdentityToken(identity)).text,
  });
  return async (toSeal) => {
    // What is wrong with the identity is told in its own words.
    await findIdentityToken(identity);
    const bundle = await created(builderFor, toSeal);
    checkOwn(bundle, toSeal);
    return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
  };
}

function buildersOf(
  services: SigningServices,
  identityProvider: { readonly getToken: () => Promise<string> },
): (type: BundleType) => BundleBuilder {
  const fetchOptions = { timeout: limits.signingServiceMs, retry: limits.httpRetries };
  if (services.kind === 'config') {
    const signingConfig = readSigningConfig(services.content, services.name);
    return (bundleType) =>
      bundleBuilderFromSigningConfig({ signingConfig, identityProvider, bundleType, fetchOptions });
  }
  const { fulcio, rekor, tsa } = services;
  const witnesses: Witness[] = [];
  if (rekor !== undefined) {
    const rekorBaseURL = addressOf(rekor.url, 'The address of Rekor');
    witnesses.push(
      new RekorWitness({ ...fetchOptions, rekorBaseURL, majorApiVersion: rekor.version, entryType: 'dsse' }),
    );
  }
  if (tsa !== undefined)
    witnesses.push(
      new TSAWitness({ ...fetchOptions, tsaBaseURL: addressOf(tsa, 'The address of the timestamp authority') }),
    );
  // Rekor v2 vouches for no time; without one nobody can tell later that the certificate was valid.
  if (tsa === undefined && rekor?.version !== 1) throw noWitness();
  const signer = new FulcioSigner({
    ...fetchOptions,
    fulcioBaseURL: addressOf(fulcio, 'The address of Fulcio'),
    identityProvider,
  });
  return (type) =>
    type === 'dsseEnvelope'
      ? new DSSEBundleBuilder({ signer, witnesses })
      : new MessageSignatureBundleBuilder({ signer, witnesses });
}

function addressOf(text: string, what: string): string {
  return serviceUrl(text, what).href.replace(/\/$/, '');
}

function readSigningConfig(content: Buffer, name: string): SigningConfig {
  let config: SigningConfig;
  try {
    if (content.length > limits.trustedRootBytes) throw new Error(`it has ${content.length} bytes`);
    config = SigningConfig.fromJSON(JSON.parse(content.toString('utf8')));
  } catch (error) {
    throw badConfig(name, messageOf(error), error);
  }
  if (!config.mediaType.startsWith('application/vnd.dev.sigstore.signingconfig.v0.2')) {
    throw badConfig(name, 'it is no signing configuration of version 0.2');
  }
  const services = [...config.caUrls, ...config.rekorTlogUrls, ...config.tsaUrls];
  for (const { url } of services) serviceUrl(url, `${url.slice(0, 200)} in ${name}`);
  const logs = config.rekorTlogConfig === undefined ? [] : config.rekorTlogUrls;
  const hasTime =
    (config.tsaConfig !== undefined && config.tsaUrls.length > 0) || logs.some((log) => log.majorApiVersion === 1);
  if (!hasTime) throw noWitness();
  return config;
}

async function created(builderFor: (type: BundleType) => BundleBuilder, toSeal: ToSeal): Promise<Bundle> {
  try {
    return toSeal.kind === 'envelope'
      ? await builderFor('dsseEnvelope').create({ data: toSeal.payload, type: toSeal.payloadType })
      : await builderFor('messageSignature').create({ data: toSeal.bytes });
  } catch (error) {
    if (error instanceof PlimsollError) throw error;
    throw refused(error);
  }
}

const services: Readonly<Record<string, string>> = {
  CA_CREATE_SIGNING_CERTIFICATE_ERROR: 'The certificate authority (Fulcio) gave no certificate',
  TLOG_FETCH_ENTRY_ERROR: 'The transparency log (Rekor) did not give its entry',
  TLOG_CREATE_ENTRY_ERROR: 'The transparency log (Rekor) took no entry',
  TSA_CREATE_TIMESTAMP_ERROR: 'The timestamp authority gave no timestamp',
  IDENTITY_TOKEN_READ_ERROR: 'The identity token could not be read',
  IDENTITY_TOKEN_PARSE_ERROR: 'The identity token could not be read',
};

function refused(error: unknown): PlimsollError {
  const known = error instanceof InternalError ? services[error.code] : undefined;
  const cause = error instanceof InternalError && error.cause !== undefined ? error.cause : error;
  const why = messageOf(cause).replaceAll(/[\w-]{20,}\.[\w-]{20,}\.[\w-]*/g, 'TOKEN');
  return new PlimsollError('trust/signing-service', `${known ?? 'It could not be signed'}: ${why.slice(0, 500)}`, {
    hint: 'Nothing was attached. Check the addresses of the services and that they take this identity, and try again.',
    kind: 'unavailable',
    cause: error,
  });
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

function badConfig(name: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError(
    'trust/signing-config',
    `The signing configuration ${name} cannot be used: ${why.slice(0, 300)}`,
    {
      hint: 'It is a SigningConfig of Sigstore as JSON, of version 0.2, as "cosign signing-config create" writes it.',
      cause,
    },
  );
}
