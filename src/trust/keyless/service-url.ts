import { PlimsollError } from '../../error.ts';
import { isLoopbackHost } from '../../image/index.ts';

/**
 * The address of a signing service. What goes there is secret (identity tokens) or is relied on, so that it goes over TLS,
 * or stays on this machine.
 *
 * @param what what to call it in an error
 * @throws PlimsollError `trust/service-url`
 */
export function serviceUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '') return url;
  throw new PlimsollError('trust/service-url', `${what} is not the address of a service over TLS`, {
    hint: 'Write it as https://HOST, without a name and password. Without TLS it is used on this machine only.',
  });
}
