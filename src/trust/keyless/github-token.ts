import { messageOf, PlimsollError } from '../../error.ts';
import { isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { askService } from '../service.ts';
import { serviceUrl } from './service-url.ts';

/**
 * Asks GitHub Actions for an identity token (GitHub Docs, "OpenID Connect reference").
 *
 * @throws PlimsollError `trust/identity-provider`, `trust/service-url`
 */
export async function requestGithubToken(requestUrl: string, bearer: string, audience: string): Promise<string> {
  const url = serviceUrl(requestUrl, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  url.searchParams.set('audience', audience);
  const { status, json } = await askService(url, {
    method: 'GET',
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    patienceMs: limits.signingServiceMs,
    maxBytes: limits.identityTokenBytes,
    retries: limits.httpRetries,
  }).catch((error: unknown) => {
    throw noToken(messageOf(error));
  });
  const token = isRecord(json) ? json['value'] : undefined;
  if (status === 200 && typeof token === 'string' && token !== '') return token;
  throw noToken(`it answered ${status}`);
}

function noToken(why: string): PlimsollError {
  return new PlimsollError('trust/identity-provider', `GitHub Actions gave no identity token: ${why}.`, {
    hint: 'Give the job the permission "id-token: write", and try again.',
    kind: 'unavailable',
  });
}
