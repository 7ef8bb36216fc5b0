import { misread, type Read, read } from './mistake.ts';

/** Somebody whose signatures a policy can ask for, by the name that it gives them. */
export type Signer = { readonly name: string } & Credential;

export type Credential =
  /** A public key: its PEM text, or a path relative to the policy file. */
  | { readonly kind: 'key'; readonly key: string }
  /** A certificate that `issuer` vouched for, issued to `identity`. */
  | { readonly kind: 'identity'; readonly identity: IdentityMatch; readonly issuer: IdentityMatch };

/** `pattern`: a JavaScript regular expression that the whole text must match; whoever compiles it anchors it. */
export type IdentityMatch = { readonly exact: string } | { readonly pattern: string };

/** Tells identities apart: a workflow is one signer, whatever branch or tag it ran at. */
export function identityText(issuer: string, identity: string): string {
  return JSON.stringify([issuer, identity.replace(/@refs\/.*$/s, '')]);
}

export interface CredentialFields {
  readonly key?: string | undefined;
  readonly identity?: string | undefined;
  readonly identityPattern?: string | undefined;
  readonly issuer?: string | undefined;
  readonly issuerPattern?: string | undefined;
}

/** A signer as the file gives it: a key, or an identity with its issuer. */
export function readCredential(fields: CredentialFields): Read<Credential> {
  const { key, identity, identityPattern, issuer, issuerPattern } = fields;
  const named = [identity, identityPattern, issuer, issuerPattern].some((value) => value !== undefined);
  if (key !== undefined) {
    if (!named) return read({ kind: 'key', key });
    return misread(
      'a signer is either a key or an identity',
      'Make two signers of it, and name both where either will do.',
    );
  }
  if (!named) return misread('the signer is nobody', 'Give it a key, or an identity and its issuer.');
  if (identity !== undefined && identityPattern !== undefined) return twice('identity');
  if (issuer !== undefined && issuerPattern !== undefined) return twice('issuer');
  const who = matchOf(identity, identityPattern);
  const by = matchOf(issuer, issuerPattern);
  if (who === undefined) {
    return misread(
      'whoever the issuer knows would be this signer',
      'Add the identity, such as the address of a workflow.',
    );
  }
  if (by === undefined) {
    return misread(
      'anybody could issue this identity, so it needs its issuer',
      'Add the issuer, such as https://token.actions.githubusercontent.com.',
    );
  }
  return read({ kind: 'identity', identity: who, issuer: by });
}

/** A public key in PEM (RFC 7468, "SubjectPublicKeyInfo"), or the path of one. */
export function readPublicKey(text: string): Read<string> {
  const [, label] = /-----BEGIN ([A-Z ]{1,64})-----/.exec(text) ?? [];
  if (label === undefined) {
    return /[\n\r]/.test(text)
      ? misread(
          'a path has one line, and this is no PEM text',
          'Write the path of the public key, or all of its PEM text.',
        )
      : read(text);
  }
  if (label.includes('PRIVATE KEY')) {
    return misread(
      'this is a private key',
      'It never belongs into a policy. Write the public key; "plimsoll keys show" prints it.',
    );
  }
  if (!/^-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----$/.test(text)) {
    return misread(
      'this is not one whole public key',
      'It begins with -----BEGIN PUBLIC KEY----- and ends with -----END PUBLIC KEY-----.',
    );
  }
  return read(text);
}

/** Checked by itself, so that no alternation or parenthesis in it can reach around the anchors it will get. */
export function readIdentityPattern(text: string): Read<string> {
  try {
    new RegExp(text, 'u');
  } catch {
    return misread(
      `"${text}" is not a regular expression`,
      'Put a backslash before each character that stands for itself: . + ? ( ) [ ] { } | /.',
    );
  }
  const whole = new RegExp(`^(?:${text})$`, 'u');
  if (['x', 'x@x', 'https://x'].some((nobody) => whole.test(nobody))) {
    return misread(`"${text}" fits anybody`, 'Say whose it must be: https://github\\.com/acme/.+');
  }
  return read(text);
}

function twice(key: string): Read<never> {
  return misread(
    `"${key}" and "${key}Pattern" exclude each other`,
    'Keep one: the first is the whole text, the second a regular expression.',
  );
}

function matchOf(exact: string | undefined, pattern: string | undefined): IdentityMatch | undefined {
  if (exact !== undefined) return { exact };
  return pattern === undefined ? undefined : { pattern };
}
