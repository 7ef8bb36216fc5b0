import { PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';

/** One `-----BEGIN label-----` … (RFC 7468), decoded. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
}

/**
 * The one PEM block of a key file; text around it is allowed. `undefined` when there is none.
 *
 * @param name what to call the file in an error
 * @throws PlimsollError `trust/broken-key` when it is cut off, damaged or too large, `trust/several-keys`
 */
export function readPem(content: Uint8Array, name: string): PemBlock | undefined {
  if (content.length > limits.keyFileBytes) {
    throw brokenKey(name, `is larger than ${limits.keyFileBytes} bytes, which no key is`);
  }
  const text = Buffer.from(content).toString('latin1');
  const begins = text.match(/-----BEGIN /g)?.length ?? 0;
  if (begins === 0) return undefined;
  if (begins > 1) {
    throw new PlimsollError(
      'trust/several-keys',
      `${name} holds ${begins} PEM blocks; which one is meant is not clear`,
      {
        hint: 'Give each key a file of its own.',
      },
    );
  }
  if (/^Proc-Type: ?4,ENCRYPTED/m.test(text)) throw otherEncryption(name);
  const block = /-----BEGIN ([A-Z0-9 ]{1,64})-----([A-Za-z0-9+/=\s]*)-----END ([A-Z0-9 ]{1,64})-----/.exec(text);
  const [, label = '', body = '', end] = block ?? [];
  if (block === null || label !== end) throw brokenKey(name, 'is cut off or damaged: it is not one whole PEM block');
  const base64 = body.replace(/\s+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    throw brokenKey(name, 'is cut off or damaged: its content is not Base64');
  }
  return { label, bytes };
}

/** In lines of 64 characters, as RFC 7468 has it. */
export function formatPem({ label, bytes }: PemBlock): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function brokenKey(name: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust/broken-key', `${name} ${why}`, {
    hint: 'Get the key anew from where it came from, or from a backup.',
    cause,
  });
}

/** OpenSSL's own encryption: how often it hashes stands in the file and would have to be done before anything is known. */
export function otherEncryption(name: string): PlimsollError {
  return new PlimsollError('trust/other-encryption', `${name} is encrypted in a form that is not read`, {
    hint: 'Let OpenSSL decrypt it on the way: openssl pkey -in FILE | plimsoll keys import - NAME --passphrase-file FILE',
  });
}
