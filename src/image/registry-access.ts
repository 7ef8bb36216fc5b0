import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { findCredentials } from './credentials.ts';
import { exchange, failureCode, type HttpRules } from './http-exchange.ts';
import { isLoopbackHost, listsHost } from './network-host.ts';
import type { ImageReference } from './reference.ts';
import type { RegistryAccess } from './registry-session.ts';

export interface RegistryOptions {
  /** Where the credential files and the helpers are found. */
  readonly env: NodeJS.ProcessEnv;
  /** Registries, `host` or `host:port`, that are spoken to without TLS. Loopback ones need no mention. */
  readonly plainHttp?: readonly string[] | undefined;
  /** Hosts that registries may refer us to against the rules: token services elsewhere, addresses inside this network. */
  readonly allowRealm?: readonly string[] | undefined;
  /** In milliseconds; {@link limits} has the defaults. */
  readonly patience?: { readonly idleMs?: number; readonly backoffMs?: number; readonly settleMs?: number } | undefined;
}

/**
 * How to speak to the registry of `reference`, with the user's credentials for it.
 *
 * @throws PlimsollError `image/registry-unreachable`
 */
export async function registryAccess(reference: ImageReference, options: RegistryOptions): Promise<RegistryAccess> {
  const registry = reference.registry === 'docker.io' ? 'registry-1.docker.io' : reference.registry;
  const rules: HttpRules = {
    registry,
    plainHttp: options.plainHttp ?? [],
    allowRealm: options.allowRealm ?? [],
    idleMs: options.patience?.idleMs ?? limits.httpIdleMs,
  };
  const [plain, { credentials, problems }] = await Promise.all([
    speaksPlainHttp(rules),
    findCredentials(reference, options.env),
  ]);
  return {
    ...rules,
    origin: `${plain ? 'http' : 'https'}://${registry}`,
    credentials,
    problems,
    backoffMs: options.patience?.backoffMs ?? limits.httpBackoffMs,
  };
}

/** On loopback both are usual: what does not take TLS there is spoken to without. */
async function speaksPlainHttp(rules: HttpRules): Promise<boolean> {
  if (listsHost(rules.plainHttp, rules.registry)) return true;
  if (!isLoopbackHost(rules.registry)) return false;
  try {
    const answer = await exchange({ url: new URL(`https://${rules.registry}/v2/`), headers: {} }, rules);
    await answer.cancel();
    return false;
  } catch (thrown) {
    return thrown instanceof PlimsollError && speaksNoTls(thrown);
  }
}

/** What a server without TLS makes of the start of a TLS connection: an answer in plain text, or the end of it. */
const noTlsCodes = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'EPROTO',
  'ECONNRESET',
];

function speaksNoTls(thrown: PlimsollError): boolean {
  return noTlsCodes.includes(failureCode(thrown.cause) ?? '');
}
