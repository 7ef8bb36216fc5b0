/** Keys in the key management services of AWS, Google and Azure. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { PlimsollError } from '../../error.ts';
import { joseToDer } from './ecdsa-der.ts';
import {
  type AwsAlgorithm,
  type AwsClient,
  type AzureClient,
  type GoogleClient,
  openAws,
  openAzure,
  openGoogle,
} from './kms-client.ts';
import { remoteSigner, type Signer, serviceFailed, type ToSign } from './signer.ts';

/** Opens a client; the libraries' own by default. */
export interface KmsClients {
  readonly aws?: (endpoint: string | undefined) => Promise<AwsClient>;
  readonly google?: () => Promise<GoogleClient>;
  readonly azure?: (vaultUrl: string, key: string, version: string | undefined) => Promise<AzureClient>;
}

/** `awskms://[ENDPOINT]/KEY`, with the key's id, alias or ARN. */
export function awsSigner(rest: string, name: string, { aws = openAws }: KmsClients): Signer {
  const slash = rest.indexOf('/');
  const [endpoint, keyId] = [rest.slice(0, Math.max(slash, 0)), rest.slice(slash + 1)];
  if (slash < 0 || keyId === '') throw badName(name, 'awskms:///alias/NAME or awskms://HOST/KEY');
  let client: Promise<AwsClient> | undefined;
  const open = () => (client ??= aws(endpoint === '' ? undefined : endpoint));
  return remoteSigner({
    name,
    async publicKey() {
      const { PublicKey } = await (await open()).getPublicKey(keyId);
      if (PublicKey === undefined) throw serviceFailed(name, 'it gave no public key');
      return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    },
    async sign(toSign, key) {
      const request = { KeyId: keyId, SigningAlgorithm: awsAlgorithm(toSign, key) };
      const { Signature } = await (await open()).sign(
        toSign.kind === 'digest'
          ? { ...request, Message: toSign.digest, MessageType: 'DIGEST' }
          : { ...request, Message: toSign.payload, MessageType: 'RAW' },
      );
      return Buffer.from(Signature ?? []);
    },
  });
}

function awsAlgorithm(toSign: ToSign, { asymmetricKeyType }: KeyObject): AwsAlgorithm {
  if (toSign.kind === 'payload') return 'ED25519_SHA_512';
  if (asymmetricKeyType === 'rsa') return 'RSASSA_PKCS1_V1_5_SHA_256';
  return ({ sha256: 'ECDSA_SHA_256', sha384: 'ECDSA_SHA_384', sha512: 'ECDSA_SHA_512' } as const)[toSign.hash];
}

/** `gcpkms://projects/…/locations/…/keyRings/…/cryptoKeys/KEY[/cryptoKeyVersions/N]`; without a version the latest enabled one. */
export function googleSigner(rest: string, name: string, { google = openGoogle }: KmsClients): Signer {
  const parts =
    /^(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+)(?:\/(?:cryptoKeyVersions|versions)\/(\d+))?$/.exec(
      rest,
    );
  const [, key, version] = parts ?? [];
  if (key === undefined) throw badName(name, 'gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K');
  let client: Promise<GoogleClient> | undefined;
  const open = () => (client ??= google());
  let chosen = version === undefined ? undefined : `${key}/cryptoKeyVersions/${version}`;
  const versionName = async () => {
    chosen ??= latest(await (await open()).versions(key), name);
    return chosen;
  };
  return remoteSigner({
    name,
    async publicKey() {
      const pem = await (await open()).publicKeyPem(await versionName());
      if (pem === undefined) throw serviceFailed(name, 'it gave no public key');
      return createPublicKey(pem);
    },
    async sign(toSign) {
      const request =
        toSign.kind === 'digest' ? { digest: { [toSign.hash]: toSign.digest } } : { data: toSign.payload };
      const signature = (await (await open()).sign(await versionName(), request)) ?? '';
      return typeof signature === 'string' ? Buffer.from(signature, 'base64') : Buffer.from(signature);
    },
  });
}

function latest(versions: readonly string[], name: string): string {
  const numberOf = (version: string) => Number(version.slice(version.lastIndexOf('/') + 1));
  const [newest] = versions.toSorted((one, other) => numberOf(other) - numberOf(one));
  if (newest === undefined) throw serviceFailed(name, 'the key has no version that is enabled');
  return newest;
}

/** `azurekms://VAULT.vault.azure.net/KEY[/VERSION]`. */
export function azureSigner(rest: string, name: string, { azure = openAzure }: KmsClients): Signer {
  const [, host, key, version] = /^([a-z0-9.-]+(?::\d+)?)\/([\w-]+)(?:\/([0-9a-f]+))?$/i.exec(rest) ?? [];
  if (host === undefined || key === undefined) throw badName(name, 'azurekms://VAULT.vault.azure.net/KEY');
  let client: Promise<AzureClient> | undefined;
  const open = () => (client ??= azure(`https://${host}`, key, version));
  return remoteSigner({
    name,
    publicKey: async () => createPublicKey({ key: publicJwk(await (await open()).publicJwk()), format: 'jwk' }),
    async sign(toSign, { asymmetricKeyType }) {
      if (toSign.kind === 'payload') throw serviceFailed(name, 'Azure does not sign with keys of this kind');
      const isRsa = asymmetricKeyType === 'rsa';
      const curve = ({ sha256: 'ES256', sha384: 'ES384', sha512: 'ES512' } as const)[toSign.hash];
      const signature = Buffer.from(await (await open()).sign(isRsa ? 'RS256' : curve, toSign.digest));
      // RFC 7518, 3.4: both numbers one after the other.
      return isRsa ? signature : joseToDer(signature);
    },
  });
}

/** The library gives bytes where a JWK has base64url, and "-HSM" for keys in hardware. */
function publicJwk(jwk: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const text = (member: unknown) =>
    member instanceof Uint8Array ? Buffer.from(member).toString('base64url') : typeof member === 'string' ? member : '';
  const { kty, crv, x, y, n, e } = jwk;
  const kind = text(kty).replace(/-HSM$/, '');
  return kind === 'EC' ? { kty: kind, crv: text(crv), x: text(x), y: text(y) } : { kty: kind, n: text(n), e: text(e) };
}

function badName(name: string, form: string): PlimsollError {
  return new PlimsollError('trust/bad-key-name', `"${name.slice(0, 200)}" names no key`, {
    hint: `Write it as ${form}.`,
  });
}
