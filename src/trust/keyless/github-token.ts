import { setTimeout as pause } from 'node:timers/promises';
import { messageOf, PlimsollError } from '../../error.ts';
import { isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { serviceUrl } from './service-url.ts';

/**
 * Asks GitHub Actions for an identity token (GitHub Docs, "OpenID Connect reference").
 *
 * @throws PlimsollError `trust/identity-provider`, `trust/service-url`
 */
export async function requestGithubToken(requestUrl: string, bearer: string, audience: string): Promise<string> {
  const url = serviceUrl(requestUrl, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  url.searchParams.set('audience', audience);
  for (let attempt = 0; ; attempt++) {
    let reason: string;
    try {
      const answer = await askOnce(url, bearer);
      if (answer.token !== undefined) return answer.token;
      if (answer.status < 500) throw noToken(`it answered ${answer.status}`);
      reason = `it answered ${answer.status}`;
    } catch (error) {
      if (error instanceof PlimsollError) throw error;
      reason = messageOf(error);
    }
    if (attempt === limits.httpRetries) throw noToken(reason);
    await pause(limits.httpBackoffMs * 2 ** attempt);
  }
}

async function askOnce(
  url: URL,
  bearer: string,
): Promise<{ readonly status: number; readonly token?: string | undefined }> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    // The bearer is for this host.
    redirect: 'error',
    signal: AbortSignal.timeout(limits.signingServiceMs),
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limits.identityTokenBytes) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  const { status } = response;
  if (status !== 200) return { status };
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const value = isRecord(json) ? json['value'] : undefined;
  return { status, token: typeof value === 'string' && value !== '' ? value : undefined };
}

function noToken(why: string): PlimsollError {
  return new PlimsollError('trust/identity-provider', `GitHub Actions gave no identity token: ${why}.`, {
    hint: 'Give the job the permission "id-token: write", and try again.',
    kind: 'unavailable',
  });
}
