import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Credentials } from './credentials.ts';
import { isRecord } from './descriptor.ts';
import { exchange, type HttpRequest, type HttpRules, mayBePlain } from './http-exchange.ts';
import { leadsInside, listsHost } from './network-host.ts';
import { splitHost } from './reference.ts';

/** One demand of a `WWW-Authenticate` header; scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What a token is wanted for. */
export interface TokenPurpose {
  readonly repository: string;
  /** Without it, the token is for pulling alone. */
  readonly push: boolean;
  /** Another repository that blobs are taken from. */
  readonly mountFrom?: string | undefined;
}

const maxHeaderLength = 16 * 1024;
const maxChallenges = 16;

/** RFC 9110, 11.6.1: several challenges may stand in one header, their parameters separated by the same comma. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
  const quoted = /"((?:[^"\\]|\\.)*)"/y;
  const text = header.slice(0, maxHeaderLength);
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length && challenges.length <= maxChallenges) {
    take(/[\s,]*/y);
    const name = take(token)?.[0];
    if (name === undefined) {
      // What fits no rule (a token68 such as Negotiate has) is passed over, up to the next comma.
      take(/[^,]*/y);
      if (at < text.length && text[at] !== ',') break;
      continue;
    }
    if (take(/\s*=\s*/y) === null) {
      challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
      continue;
    }
    const string = take(quoted)?.[1]?.replace(/\\(.)/g, '$1');
    const value = string ?? take(token)?.[0];
    if (value !== undefined) challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}

/**
 * The `Authorization` header that answers a registry's demand, or `undefined` when there is nothing to answer it with.
 * A Bearer token comes from the realm that the registry names (distribution-spec, "Token Authentication"); credentials go
 * there only when it is the registry's own.
 *
 * @throws PlimsollError `image/foreign-realm`, `image/token-refused`, `image/connection-lost`
 */
export async function authorizationFor(
  challenges: readonly Challenge[],
  purpose: TokenPurpose,
  credentials: Credentials | undefined,
  rules: HttpRules,
): Promise<string | undefined> {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
  if (bearer !== undefined) {
    if (credentials?.kind === 'token') return `Bearer ${credentials.token}`;
    return `Bearer ${await fetchToken(bearer, purpose, credentials, rules)}`;
  }
  const basic = challenges.some(({ scheme }) => scheme === 'basic');
  return basic && credentials?.kind === 'password' ? basicHeader(credentials) : undefined;
}

function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function fetchToken(
  challenge: Challenge,
  purpose: TokenPurpose,
  credentials: Credentials | undefined,
  rules: HttpRules,
): Promise<string> {
  const realm = await checkedRealm(challenge.parameters.get('realm') ?? '', credentials !== undefined, rules);
  const service = challenge.parameters.get('service');
  const query = new URLSearchParams(service === undefined ? {} : { service });
  for (const scope of scopesFor(challenge.parameters.get('scope'), purpose)) query.append('scope', scope);
  const answer = await exchange(tokenRequest(realm, query, credentials), rules);
  const text = await readText(answer.body, limits.tokenBytes);
  if (answer.status !== 200) throw tokenRefused(realm, `it answered ${answer.status}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw tokenRefused(realm, `its answer is not JSON: ${messageOf(thrown)}`);
  }
  const token = isRecord(json) ? (json['token'] ?? json['access_token']) : undefined;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw tokenRefused(realm, 'its answer holds no token');
  return token;
}

/** Identity tokens are exchanged by OAuth 2 (POST), everything else by the plain token protocol (GET). */
function tokenRequest(realm: URL, query: URLSearchParams, credentials: Credentials | undefined): HttpRequest {
  if (credentials?.kind === 'identity') {
    // RFC 6749, 3.3: several scopes are one parameter there.
    query.set('scope', query.getAll('scope').join(' '));
    query.set('grant_type', 'refresh_token');
    query.set('refresh_token', credentials.token);
    query.set('client_id', 'plimsoll');
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    return { url: realm, method: 'POST', headers, body: query.toString() };
  }
  const url = new URL(realm);
  for (const name of new Set(query.keys())) url.searchParams.delete(name);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const authorization = credentials?.kind === 'password' ? basicHeader(credentials) : undefined;
  return { url, headers: { accept: 'application/json' }, authorization };
}

/**
 * What the registry asks for, as long as it is no more than pulling: a token must not be able to do what we do not need.
 * One for pushing is for the one repository that is meant, whatever the registry asks for.
 */
function scopesFor(asked: string | undefined, { repository, push, mountFrom }: TokenPurpose): readonly string[] {
  if (push) {
    const own = `repository:${repository}:pull,push`;
    return mountFrom === undefined ? [own] : [own, `repository:${mountFrom}:pull`];
  }
  const harmless = asked !== undefined && /^repository:[^\s:]{1,255}:pull$/.test(asked);
  return [harmless ? asked : `repository:${repository}:pull`];
}

async function checkedRealm(realm: string, withCredentials: boolean, rules: HttpRules): Promise<URL> {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (
    url === undefined ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== ''
  ) {
    throw foreignRealm(rules.registry, realm, 'that is no address of a token service');
  }
  if (url.protocol === 'http:' && !mayBePlain(url.host, rules))
    throw foreignRealm(rules.registry, url.host, 'it speaks no TLS');
  if (listsHost(rules.allowRealm, url.host)) return url;
  if (withCredentials && !isOwnRealm(rules.registry, url.host)) {
    throw foreignRealm(rules.registry, url.host, 'credentials for the registry are not sent to another host');
  }
  if (await leadsInside(rules.registry, url.host)) {
    throw foreignRealm(rules.registry, url.host, 'a public registry has no business inside this network');
  }
  return url;
}

/** Second-level names under which strangers register: `evil.co.uk` is no relative of `good.co.uk`. */
const sharedSecondLevels = new Set(
  'ac co com edu gob gouv gov govt id ltd me mil ne net nom or org plc sch web'.split(' '),
);

/** Domains whose direct subdomains belong to different customers of one provider. */
const sharedDomains = new Set([
  'amazonaws.com',
  'appspot.com',
  'azurecr.io',
  'azurewebsites.net',
  'cloudfront.net',
  'fly.dev',
  'github.io',
  'herokuapp.com',
  'jfrog.io',
  'netlify.app',
  'onrender.com',
  'pages.dev',
  'run.app',
  'vercel.app',
  'workers.dev',
]);

/**
 * Whether a token service belongs to the registry: the same host, one under it, its parent domain, or a sibling under that
 * parent, as `auth.docker.io` is for `registry-1.docker.io` and `gitlab.com` for `registry.gitlab.com`.
 */
export function isOwnRealm(registry: string, realm: string): boolean {
  const [own, other] = [splitHost(registry).host, splitHost(realm).host];
  if (own === other || (/[a-z]/.test(own) && other.endsWith(`.${own}`) && isPrivateDomain(own))) return true;
  const parent = own.slice(own.indexOf('.') + 1);
  return isPrivateDomain(parent) && (other === parent || other.endsWith(`.${parent}`));
}

function isPrivateDomain(domain: string): boolean {
  const labels = domain.split('.');
  const [last, second] = [labels.at(-1) ?? '', labels.at(-2) ?? ''];
  if (labels.length < 2 || !/[a-z]/.test(last) || sharedDomains.has(domain)) return false;
  return !(labels.length === 2 && last.length === 2 && sharedSecondLevels.has(second));
}

/** The body as text; `image/answer-too-large` past `limit` bytes. */
export async function readText(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  return (await readBytes(body, limit)).toString('utf8');
}

/** @throws PlimsollError `image/answer-too-large` past `limit` bytes */
export async function readBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) {
      throw new PlimsollError(
        'image/answer-too-large',
        `The registry sent more than ${limit} bytes where less was due`,
        {
          hint: 'No ordinary registry does that. Check what answers at that address.',
        },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function foreignRealm(registry: string, realm: string, why: string): PlimsollError {
  return new PlimsollError(
    'image/foreign-realm',
    `${registry} sends us for a token to "${realm.slice(0, 200)}": ${why}`,
    {
      hint: 'If you know that host and trust it, allow it with --allow-realm HOST.',
      kind: 'unavailable',
    },
  );
}

function tokenRefused(realm: URL, why: string): PlimsollError {
  return new PlimsollError(
    'image/token-refused',
    `The token service ${realm.host} gave no token: ${why.slice(0, 300)}`,
    {
      hint: 'Check the credentials for this registry: log in again with docker login or podman login.',
      kind: 'unavailable',
    },
  );
}
