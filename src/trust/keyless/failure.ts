import { PlimsollError } from '../../error.ts';

/** What a keyless signature is made of; a verification that fails names one of them. */
export type SignaturePart = 'bundle' | 'certificate' | 'identity' | 'log-entry' | 'signature' | 'timestamp';

const hints: Readonly<Record<SignaturePart, string>> = {
  bundle: 'Fetch the bundle again, or sign again.',
  certificate:
    'Check that the trusted root is that of the Sigstore deployment which issued the certificate, and that the certificate was not changed.',
  identity: 'If this signer is to be trusted, name its identity and issuer exactly as they stand here.',
  'log-entry':
    'Check that the trusted root holds the key of this transparency log; if it does, the entry was changed or taken from elsewhere.',
  signature: 'What was signed is not what is here, or another key signed it. Sign again from a trusted source.',
  timestamp:
    'Check that the trusted root holds the timestamp authority; if it does, the timestamp was changed or taken from elsewhere.',
};

/** A part of a keyless signature that does not hold: `trust/<part>`. */
export function failed(part: SignaturePart, message: string, cause?: unknown): PlimsollError {
  return new PlimsollError(`trust/${part}`, message, { hint: hints[part], cause });
}
