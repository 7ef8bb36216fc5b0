import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod/mini';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { requestGithubToken } from './github-token.ts';

export interface IdentityOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The token itself. */
  readonly token?: string | undefined;
  /** A file that holds nothing but the token. */
  readonly tokenFile?: string | undefined;
  /** A SPIFFE JWT-SVID: the token itself, or the JSON that the Workload API's command line writes. */
  readonly spiffeFile?: string | undefined;
  /** Whom the token has to be made out for: `sigstore` by default. */
  readonly audience?: string | undefined;
}

/** An OpenID Connect identity token whose claims were looked at. Its signature is for Fulcio to check. */
export interface IdentityToken {
  /** A secret while it is valid: never shown or logged. */
  readonly text: string;
  /** Where it was found, for messages. */
  readonly source: string;
  /** What Fulcio will take as the holder: the e-mail address if there is one, else the subject. */
  readonly subject: string;
  readonly issuer: string;
  readonly expires: Date;
}

/**
 * Finds out who is signing: what was given first, then `SIGSTORE_ID_TOKEN` (GitLab CI, and others by hand), then GitHub Actions.
 *
 * @throws PlimsollError `trust/no-identity`, `trust/identity-token`, `trust/identity-provider`
 */
export async function findIdentityToken(options: IdentityOptions): Promise<IdentityToken> {
  const { env, audience = 'sigstore' } = options;
  const found = await find(options, audience);
  if (found !== undefined) return readToken(found.text.trim(), found.source, audience, found.spiffe === true);
  throw new PlimsollError('trust/no-identity', 'There is no identity to sign with.', {
    hint: missingHint(env, audience),
  });
}

interface Found {
  readonly text: string;
  readonly source: string;
  readonly spiffe?: boolean;
}

async function find(options: IdentityOptions, audience: string): Promise<Found | undefined> {
  const { env, token, tokenFile, spiffeFile } = options;
  if (token !== undefined) return { text: token, source: 'the token that was given' };
  if (tokenFile !== undefined) return { text: await readSecret(tokenFile), source: tokenFile };
  if (spiffeFile !== undefined) {
    return { text: svidIn(await readSecret(spiffeFile)), source: spiffeFile, spiffe: true };
  }
  const variable = env['SIGSTORE_ID_TOKEN'] ?? '';
  if (variable !== '') return { text: variable, source: 'SIGSTORE_ID_TOKEN' };
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '';
  const bearer = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '';
  if (url === '' || bearer === '') return undefined;
  return { text: await requestGithubToken(url, bearer, audience), source: 'GitHub Actions' };
}

function missingHint(env: IdentityOptions['env'], audience: string): string {
  if (env['GITHUB_ACTIONS'] === 'true') return 'Give the job the permission "id-token: write".';
  if (env['GITLAB_CI'] === 'true') {
    return `Give the job an id_tokens entry SIGSTORE_ID_TOKEN with "aud: ${audience}".`;
  }
  return 'Give an identity token (SIGSTORE_ID_TOKEN, or a file), or sign with a key.';
}

async function readSecret(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > limits.identityTokenBytes) throw new Error('it is too large for an identity token');
    return await readFile(path, 'utf8');
  } catch (error) {
    throw badToken(path, `cannot be read: ${messageOf(error)}`, error);
  }
}

const svids = z.pipe(
  z.union([
    z.array(z.object({ svids: z.optional(z.array(z.object({ svid: z.string() }))) })),
    z.object({ svid: z.string() }),
  ]),
  z.transform((value) =>
    Array.isArray(value) ? value.flatMap(({ svids: list }) => list ?? []).map(({ svid }) => svid) : [value.svid],
  ),
);

function svidIn(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const [svid] = svids.parse(JSON.parse(text));
    return svid ?? '';
  } catch {
    return '';
  }
}

const name = z.string().check(z.maxLength(limits.identityLength));
const claims = z.object({
  iss: name.check(z.minLength(1)),
  sub: z.optional(name),
  email: z.optional(name),
  email_verified: z.optional(z.union([z.boolean(), z.string()])),
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  exp: z.number().check(z.positive(), z.maximum(8.64e12)),
});

/** RFC 7519. Neither token nor parts of it go into a message. */
function readToken(text: string, source: string, audience: string, spiffe: boolean): IdentityToken {
  if (text.length > limits.identityTokenBytes || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) {
    throw badToken(source, 'is not a JSON Web Token');
  }
  let payload: z.infer<typeof claims>;
  try {
    payload = claims.parse(JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    throw badToken(source, 'does not say who it is for and until when');
  }
  const expires = new Date(payload.exp * 1000);
  if (expires.getTime() <= Date.now()) throw badToken(source, `expired at ${expires.toISOString()}`);
  const audiences = [payload.aud ?? []].flat();
  if (!audiences.includes(audience)) {
    throw badToken(source, `is made out for "${audiences.join('", "')}", not for "${audience}"`);
  }
  const verified = payload.email_verified === true || payload.email_verified === 'true';
  if (payload.email !== undefined && payload.email !== '' && !verified) {
    throw badToken(source, 'has an e-mail address that its issuer has not verified');
  }
  const subject = payload.email || payload.sub || '';
  if (subject === '') throw badToken(source, 'names no subject');
  if (spiffe && !subject.startsWith('spiffe://')) throw badToken(source, 'is not a SPIFFE JWT-SVID');
  return { text, source, subject, issuer: payload.iss, expires };
}

function badToken(source: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust/identity-token', `The identity token (${source}) ${what}.`, {
    hint: 'Get a new identity token from the OpenID Connect provider, made out for the audience that Fulcio expects.',
    cause,
  });
}
