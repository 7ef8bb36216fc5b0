/** The services' own libraries. Each is loaded when a key of its service is used, and is there if whoever uses it installed it. */
import type { CryptographyClientOptions, KeyClient } from '@azure/keyvault-keys';
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import { PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';

/** AWS KMS API, `GetPublicKey` and `Sign`. */
export interface AwsClient {
  getPublicKey(keyId: string): Promise<{ readonly PublicKey?: Uint8Array | undefined }>;
  sign(request: {
    readonly KeyId: string;
    readonly Message: Uint8Array;
    readonly MessageType: 'DIGEST' | 'RAW';
    readonly SigningAlgorithm: AwsAlgorithm;
  }): Promise<{ readonly Signature?: Uint8Array | undefined }>;
}

export type AwsAlgorithm =
  | 'ECDSA_SHA_256'
  | 'ECDSA_SHA_384'
  | 'ECDSA_SHA_512'
  | 'RSASSA_PKCS1_V1_5_SHA_256'
  | 'ED25519_SHA_512';

/** Google Cloud KMS API, `CryptoKeyVersion`. */
export interface GoogleClient {
  /** Names of the enabled versions of a key. */
  versions(key: string): Promise<readonly string[]>;
  publicKeyPem(version: string): Promise<string | undefined>;
  sign(
    version: string,
    request: { readonly digest?: Readonly<Record<string, Uint8Array>>; readonly data?: Uint8Array },
  ): Promise<Uint8Array | string | undefined>;
}

/** Azure Key Vault API, "Get Key" and "Sign". */
export interface AzureClient {
  publicJwk(): Promise<Readonly<Record<string, unknown>>>;
  sign(algorithm: AzureAlgorithm, digest: Uint8Array): Promise<Uint8Array>;
}

type AzureAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'RS256';

/** @param endpoint `HOST[:PORT]` instead of AWS's own */
export async function openAws(endpoint: string | undefined): Promise<AwsClient> {
  const { KMSClient, GetPublicKeyCommand, SignCommand } = await library(
    '@aws-sdk/client-kms',
    () => import('@aws-sdk/client-kms'),
  );
  const client = new KMSClient(endpoint === undefined ? {} : { endpoint: `https://${endpoint}` });
  return {
    getPublicKey: (KeyId) => client.send(new GetPublicKeyCommand({ KeyId }), patience()),
    sign: (request) => client.send(new SignCommand(request), patience()),
  };
}

type GoogleOptions = ConstructorParameters<typeof KeyManagementServiceClient>[0];

/** @param options where the service is and who asks, if the environment does not say it */
export async function openGoogle(options?: GoogleOptions): Promise<GoogleClient> {
  const { KeyManagementServiceClient } = await library('@google-cloud/kms', () => import('@google-cloud/kms'));
  const client = new KeyManagementServiceClient(options);
  // Asked for later on, missing credentials would be a rejection that the library hands to nobody.
  await client.auth.getClient();
  return {
    async versions(parent) {
      const [found] = await client.listCryptoKeyVersions({ parent, filter: 'state=ENABLED' });
      return found.flatMap(({ name }) => name ?? []);
    },
    async publicKeyPem(name) {
      const [{ pem }] = await client.getPublicKey({ name });
      return pem ?? undefined;
    },
    async sign(name, request) {
      const [{ signature }] = await client.asymmetricSign({ name, ...request });
      return signature ?? undefined;
    },
  };
}

interface AzureOptions {
  readonly credential: ConstructorParameters<typeof KeyClient>[1];
  readonly client: CryptographyClientOptions;
}

/** @param options who asks, if the environment does not say it */
export async function openAzure(
  vaultUrl: string,
  name: string,
  version: string | undefined,
  options?: AzureOptions,
): Promise<AzureClient> {
  const { CryptographyClient, KeyClient } = await library('@azure/keyvault-keys', () => import('@azure/keyvault-keys'));
  const credential = options?.credential ?? (await azureCredential());
  const key = await new KeyClient(vaultUrl, credential, options?.client).getKey(name, {
    ...patience(),
    ...(version !== undefined && { version }),
  });
  const client = new CryptographyClient(key, credential, options?.client);
  return {
    publicJwk: async () => ({ ...key.key }),
    sign: async (algorithm, digest) => (await client.sign(algorithm, digest, patience())).result,
  };
}

async function azureCredential(): Promise<AzureOptions['credential']> {
  const { DefaultAzureCredential } = await library('@azure/identity', () => import('@azure/identity'));
  return new DefaultAzureCredential();
}

/** Google's library gives up after a minute by itself. */
function patience(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(limits.keyServiceMs) };
}

async function library<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new PlimsollError(
      'trust/library-missing',
      `The library ${name} is not there, through which this key is used`,
      {
        hint: `Install it beside Plimsoll: npm install ${name}`,
        kind: 'unavailable',
        cause,
      },
    );
  }
}
