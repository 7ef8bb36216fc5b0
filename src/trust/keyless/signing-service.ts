import type * as z from 'zod/mini';
import { messageOf, PlimsollError } from '../../error.ts';
import { isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import { askService } from '../service.ts';

/** A service that takes part in a signature with an identity. */
export interface SigningService {
  /** Where it is asked. */
  readonly url: URL;
  /** What it did not do, for an error: `The timestamp authority gave no timestamp`. */
  readonly failure: string;
}

/**
 * What a service answers, in a shape that is known.
 *
 * @throws PlimsollError `trust/signing-service`
 */
export async function askForJson<T>(service: SigningService, body: object, shape: z.ZodMiniType<T>): Promise<T> {
  const { json } = await ask(service, body, limits.signingServiceAnswerBytes, 'application/json');
  const { data, error } = shape.safeParse(json);
  if (data !== undefined) return data;
  throw serviceFailed(service, 'its answer is not what such a service answers', error);
}

/** @throws PlimsollError `trust/signing-service` */
export async function askForBytes(service: SigningService, body: object, maxBytes: number): Promise<Buffer> {
  return (await ask(service, body, maxBytes, '*/*')).bytes;
}

async function ask(service: SigningService, body: object, maxBytes: number, accept: string) {
  const answer = await askService(service.url, {
    method: 'POST',
    headers: { accept },
    body,
    patienceMs: limits.signingServiceMs,
    maxBytes,
    retries: limits.httpRetries,
  }).catch((error: unknown) => {
    throw serviceFailed(service, messageOf(error), error);
  });
  const { status, json } = answer;
  if (status >= 200 && status < 300) return answer;
  const told = isRecord(json) && typeof json['message'] === 'string' ? `: ${json['message']}` : '';
  throw serviceFailed(service, `${service.url.host} answered ${status}${told}`);
}

/** A service may repeat what it was sent: identity tokens are taken out. */
function serviceFailed({ failure }: SigningService, why: string, cause?: unknown): PlimsollError {
  const safe = why.replaceAll(/[\w-]{20,}\.[\w-]{20,}\.[\w-]*/g, 'TOKEN').slice(0, 500);
  return new PlimsollError('trust/signing-service', `${failure}: ${safe}`, {
    hint: 'Nothing was attached. Check the addresses of the services and that they take this identity, and try again.',
    kind: 'unavailable',
    cause,
  });
}
