import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { publicKeyOf } from './algorithm.ts';
import { type AskPassphrase, isSealedKey, openPrivateKey } from './key-file.ts';
import type { KmsClients } from './kms.ts';
import { parsePublicKey } from './public-key.ts';
import { localSigner, type Signer } from './signer.ts';

export interface KeyOptions {
  readonly env: NodeJS.ProcessEnv;
  /** For tests; the services' own libraries by default. */
  readonly clients?: KmsClients | undefined;
}

export const keyForms = 'a file, env://VARIABLE, hashivault://KEY, awskms://…, gcpkms://… or azurekms://…';

/**
 * Opens what signs: a key file, an environment variable that holds one, or a key that a service keeps.
 *
 * @param name {@link keyForms}
 * @throws PlimsollError `trust/no-such-key`, `trust/unknown-key-service`, and those of the key file or the service
 */
export async function openSigner(name: string, ask: AskPassphrase, options: KeyOptions): Promise<Signer> {
  const service = await serviceFor(name, options);
  if (service !== undefined) return service;
  return localSigner(await openPrivateKey(await contentOf(name, options.env), name, ask), name);
}

/**
 * The public key in a file or an environment variable, or that of a key that a service keeps.
 *
 * @param ask where given, an encrypted private key is good for its public half, too
 * @throws PlimsollError as {@link openSigner}
 */
export async function openPublicKey(name: string, options: KeyOptions, ask?: AskPassphrase): Promise<KeyObject> {
  const service = await serviceFor(name, options);
  if (service !== undefined) return service.publicKey();
  const content = await contentOf(name, options.env);
  if (ask === undefined || !isSealedKey(content)) return parsePublicKey(content, name);
  return publicKeyOf(await openPrivateKey(content, name, ask));
}

async function serviceFor(name: string, { env, clients = {} }: KeyOptions): Promise<Signer | undefined> {
  const [, scheme, rest = ''] = /^([a-z0-9]+):\/\/(.*)$/s.exec(name) ?? [];
  switch (scheme) {
    case undefined:
    case 'env':
      return undefined;
    case 'hashivault':
      return (await import('./vault.ts')).vaultSigner(rest, name, env);
    case 'awskms':
      return (await import('./kms.ts')).awsSigner(rest, name, clients);
    case 'gcpkms':
      return (await import('./kms.ts')).googleSigner(rest, name, clients);
    case 'azurekms':
      return (await import('./kms.ts')).azureSigner(rest, name, clients);
    default:
      throw new PlimsollError(
        'trust/unknown-key-service',
        `"${name.slice(0, 200)}" is kept where no key is read from`,
        {
          hint: `A key is ${keyForms}.`,
        },
      );
  }
}

async function contentOf(name: string, env: NodeJS.ProcessEnv): Promise<Buffer> {
  if (!name.startsWith('env://')) return readKeyFile(name);
  const variable = name.slice('env://'.length);
  const text = env[variable];
  if (text !== undefined && text !== '') return Buffer.from(text);
  throw new PlimsollError('trust/no-such-key', `The environment variable ${variable.slice(0, 200)} holds no key`, {
    hint: 'Set it to the content of the key file.',
  });
}

/** Of what is larger than a key can be, no more is read than shows it. */
async function readKeyFile(path: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of createReadStream(path, { end: limits.keyFileBytes })) pieces.push(piece);
  } catch (thrown) {
    throw new PlimsollError('trust/no-such-key', `The key ${path} cannot be read: ${messageOf(thrown)}`, {
      hint: 'Name the file of a key. "plimsoll keys create" makes one.',
      cause: thrown,
    });
  }
  return Buffer.concat(pieces);
}
