import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlimsollError } from '../../error.ts';
import { isLoopbackHost, isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { askService } from '../service.ts';
import { remoteSigner, type Signer, serviceFailed, type ToSign } from './signer.ts';

/** HashiCorp Vault's names of hashes (HTTP API, "Transit", "Sign Data"). */
const hashNames = { sha256: 'sha2-256', sha384: 'sha2-384', sha512: 'sha2-512' } as const;

interface Vault {
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the transit engine. */
  readonly mount: string;
}

/**
 * A key in HashiCorp Vault's transit engine, or that of OpenBao. The address and the token come from `VAULT_ADDR` and
 * `VAULT_TOKEN`, or `~/.vault-token`; `VAULT_NAMESPACE` and `TRANSIT_SECRET_ENGINE_PATH` count, too.
 *
 * @param key `release`
 * @throws PlimsollError `trust/bad-key-name`, `trust/vault-address`, `trust/vault-token`
 */
export async function vaultSigner(key: string, name: string, env: NodeJS.ProcessEnv): Promise<Signer> {
  if (!/^[\w.-]{1,200}$/.test(key)) {
    throw new PlimsollError('trust/bad-key-name', `"${name.slice(0, 200)}" names no key of Vault`, {
      hint: 'Write it as hashivault://KEY, with the name that the key has in the transit engine.',
    });
  }
  const vault = await vaultOf(env);
  /** The key may be rotated at any time: the version whose public key was read is the one to sign with. */
  let version: number | undefined;
  return remoteSigner({
    name,
    async publicKey() {
      const found = latestKey(await call(vault, 'GET', `keys/${key}`), name);
      version = found.version;
      return found.key;
    },
    sign: async (toSign, { asymmetricKeyType }) =>
      signatureIn(await call(vault, 'POST', signPath(key, toSign), signBody(toSign, asymmetricKeyType, version)), name),
  });
}

function signPath(key: string, toSign: ToSign): string {
  return toSign.kind === 'digest' ? `sign/${key}/${hashNames[toSign.hash]}` : `sign/${key}`;
}

function signBody(toSign: ToSign, type: string | undefined, version: number | undefined): object {
  const input = Buffer.from(toSign.kind === 'digest' ? toSign.digest : toSign.payload).toString('base64');
  return {
    input,
    key_version: version,
    ...(toSign.kind === 'digest' && { prehashed: true }),
    ...(type === 'ec' && { marshaling_algorithm: 'asn1' }),
    ...(type === 'rsa' && { signature_algorithm: 'pkcs1v15' }),
  };
}

/** `data.keys` is by version; the latest one signs. Ed25519's public key is bare, in base64; the others are PEM. */
function latestKey(answer: unknown, name: string): { readonly key: KeyObject; readonly version: number } {
  const data = isRecord(answer) ? answer['data'] : undefined;
  const [version, keys, type] = isRecord(data) ? [data['latest_version'], data['keys'], data['type']] : [];
  const entry = isRecord(keys) && typeof version === 'number' ? keys[`${version}`] : undefined;
  const text = isRecord(entry) ? entry['public_key'] : undefined;
  if (typeof version !== 'number' || typeof text !== 'string' || text === '') {
    throw serviceFailed(name, 'it has no public key: it is of a type that cannot sign');
  }
  if (type !== 'ed25519' || text.startsWith('-----')) return { key: createPublicKey(text), version };
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(text, 'base64').toString('base64url') };
  return { key: createPublicKey({ key: jwk, format: 'jwk' }), version };
}

/** `vault:v1:BASE64`. */
function signatureIn(answer: unknown, name: string): Buffer {
  const data = isRecord(answer) ? answer['data'] : undefined;
  const text = isRecord(data) ? data['signature'] : undefined;
  const [, base64] = typeof text === 'string' ? (/^vault:v\d+:([A-Za-z0-9+/=_-]+)$/.exec(text) ?? []) : [];
  if (base64 === undefined) throw serviceFailed(name, 'its answer holds no signature');
  return Buffer.from(base64, 'base64');
}

async function call(
  { address, headers, mount }: Vault,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const url = new URL(`/v1/${mount}/${path}`, address);
  const { status, json } = await askService(url, {
    method,
    headers,
    body,
    patienceMs: limits.keyServiceMs,
    maxBytes: limits.keyServiceAnswerBytes,
  });
  if (status >= 200 && status < 300) return json;
  const errors = isRecord(json) && Array.isArray(json['errors']) ? json['errors'].map(String).join('; ') : '';
  throw new Error(`${url.host} answered ${status}${errors === '' ? '' : `: ${errors}`}`);
}

async function vaultOf(env: NodeJS.ProcessEnv): Promise<Vault> {
  const address = URL.canParse(env['VAULT_ADDR'] ?? '') ? new URL(env['VAULT_ADDR'] ?? '') : undefined;
  if (address === undefined || !(address.protocol === 'https:' || isLoopback(address))) {
    throw new PlimsollError('trust/vault-address', 'VAULT_ADDR is not the address of a Vault over TLS', {
      hint: 'Set it, as in VAULT_ADDR=https://vault.example:8200. Without TLS it is used on this machine only.',
    });
  }
  const token = env['VAULT_TOKEN'] ?? (await tokenFile(env));
  if (token === undefined || token === '') {
    throw new PlimsollError('trust/vault-token', 'There is no token for Vault', {
      hint: 'Set VAULT_TOKEN, or log in with: vault login',
    });
  }
  const namespace = env['VAULT_NAMESPACE'];
  const mount = (env['TRANSIT_SECRET_ENGINE_PATH'] ?? 'transit').replace(/^\/+|\/+$/g, '');
  return {
    address,
    mount: mount.split('/').map(encodeURIComponent).join('/'),
    headers: {
      'x-vault-token': token,
      'x-vault-request': 'true',
      ...(namespace !== undefined && namespace !== '' && { 'x-vault-namespace': namespace }),
    },
  };
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && isLoopbackHost(hostname);
}

async function tokenFile({ HOME }: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (HOME === undefined || HOME === '') return undefined;
  const text = await readFile(join(HOME, '.vault-token'), 'utf8').catch(() => undefined);
  return text?.slice(0, 10_000).trim();
}
