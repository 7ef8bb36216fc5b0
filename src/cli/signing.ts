/** With what to sign, for all commands that do. */
import type { Command } from 'commander';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { keyForms, keylessSealing, keySealer, openSigner, type Sealer, type SigningServices } from '../trust/index.ts';
import { oneOf } from './command.ts';
import { readInput } from './input-file.ts';
import { passphraseFor } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

const rekorVersions = ['1', '2'] as const;

export interface KeylessOptions {
  readonly keyless?: boolean;
  readonly identityToken?: string;
  readonly spiffeToken?: string;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly rekorVersion?: (typeof rekorVersions)[number];
  readonly tsaUrl?: string;
  readonly signingConfig?: string;
}

export interface SigningOptions extends KeylessOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly legacy?: boolean;
}

/** For what is attached to an image. */
export function addSigningOptions(command: Command): Command {
  return addKeyOptions(command).option('--legacy', 'also in the form that older Sigstore clients read, under a tag');
}

export function addKeyOptions(command: Command): Command {
  return command
    .option('--key <key>', `what to sign with: ${keyForms}`)
    .option('--passphrase-file <file>', 'a file with the passphrase of the key')
    .option(
      '--keyless',
      'instead of a key: with the identity of this build (GitHub Actions, GitLab CI, SIGSTORE_ID_TOKEN), by the public Sigstore unless other services are named',
    )
    .option('--identity-token <file>', 'keyless: a file with the identity token')
    .option('--spiffe-token <file>', 'keyless: a file with a SPIFFE JWT-SVID')
    .option('--fulcio-url <url>', 'keyless: the certificate authority')
    .option('--rekor-url <url>', 'keyless: the transparency log')
    .option('--rekor-version <version>', 'keyless: its API, 1 or 2 (default: 1)', oneOf(rekorVersions))
    .option('--tsa-url <url>', 'keyless: an RFC 3161 timestamp authority, with its whole path')
    .option('--signing-config <file>', 'keyless: a Sigstore signing configuration, instead of addresses');
}

/** @throws PlimsollError `cli/nothing-to-sign-with`, `cli/signed-twice`, and those of the key or the identity */
export async function sealerOf(options: SigningOptions, terminal: Terminal): Promise<Sealer> {
  const { key, passphraseFile } = options;
  if (key === undefined) return keylessSealer(options, terminal);
  if (isKeyless(options)) {
    throw new PlimsollError('cli/signed-twice', 'With what to sign is said in two ways', {
      hint: 'Give --key, or --keyless and its options.',
    });
  }
  return keySealer(
    await openSigner(key, (name) => passphraseFor(name, passphraseFile, terminal), { env: terminal.env }),
  );
}

/**
 * For commands that sign only with `--attest`: who names a key without it would take something for signed that is not.
 *
 * @throws PlimsollError `cli/nothing-to-sign`
 */
export function checkUnsigned(options: SigningOptions): void {
  const { key, passphraseFile, legacy } = options;
  if (key === undefined && passphraseFile === undefined && legacy === undefined && !isKeyless(options)) return;
  throw new PlimsollError('cli/nothing-to-sign', 'How to sign is said, and nothing is to be signed', {
    hint: 'Say --attest too, or leave out the options of signing.',
  });
}

function isKeyless({ key: _, passphraseFile: __, legacy: ___, ...keyless }: SigningOptions): boolean {
  const {
    keyless: asked,
    identityToken,
    spiffeToken,
    fulcioUrl,
    rekorUrl,
    rekorVersion,
    tsaUrl,
    signingConfig,
  } = keyless;
  return [asked, identityToken, spiffeToken, fulcioUrl, rekorUrl, rekorVersion, tsaUrl, signingConfig].some(
    (each) => each !== undefined,
  );
}

async function keylessSealer(options: SigningOptions, { env, err }: Terminal): Promise<Sealer> {
  if (!isKeyless(options)) {
    throw new PlimsollError('cli/nothing-to-sign-with', 'With what to sign is not said', {
      hint: 'Name a key (--key release.key), or sign with the identity of a build (--keyless).',
    });
  }
  const services = servicesIn(options);
  if (services === undefined) {
    err(
      'warning: the identity, and the digest of what is signed, go into the public log of Sigstore, for everyone and for good\n',
    );
  }
  const identity = { env, tokenFile: options.identityToken, spiffeFile: options.spiffeToken };
  return keylessSealing({ identity, services });
}

/** `undefined`: those of the public Sigstore. */
function servicesIn(options: KeylessOptions): SigningServices | undefined {
  const { fulcioUrl, rekorUrl, rekorVersion, tsaUrl, signingConfig } = options;
  const urls = [fulcioUrl, rekorUrl, rekorVersion, tsaUrl].some((each) => each !== undefined);
  if (signingConfig !== undefined && !urls) {
    return { kind: 'config', content: readInput(signingConfig, limits.trustedRootBytes), name: signingConfig };
  }
  if (signingConfig === undefined && !urls) return undefined;
  if (signingConfig !== undefined || fulcioUrl === undefined) {
    throw new PlimsollError('cli/signing-services', 'Which services sign is not said in one way', {
      hint: 'Give --signing-config, or --fulcio-url with --rekor-url, --tsa-url or both.',
    });
  }
  const rekor =
    rekorUrl === undefined ? undefined : ({ url: rekorUrl, version: rekorVersion === '2' ? 2 : 1 } as const);
  return { kind: 'urls', fulcio: fulcioUrl, rekor, tsa: tsaUrl };
}
