import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from './descriptor.ts';
import { type HttpAnswer, type HttpRules, redirected } from './http-exchange.ts';
import { parseIndex, tooManyReferrers } from './index-document.ts';
import { mediaTypes } from './media-type.ts';
import { readBytes } from './registry-auth.ts';
import { contentType } from './registry-client.ts';
import type { RegistrySession } from './registry-session.ts';

/** What registries without a referrers API answer to a question for it: the specification has 404, some have others. */
const notOffered = [400, 404, 405, 406, 501];

/**
 * The referrers API (OCI distribution-spec v1.1, "Listing Referrers"), all of its pages. `undefined`: the registry has none.
 *
 * @throws PlimsollError `image/too-many-referrers`, `image/bad-index`, and those of the session
 */
export async function listReferrers(
  session: RegistrySession,
  rules: HttpRules,
  digest: string,
  artifactType: string | undefined,
): Promise<readonly Descriptor[] | undefined> {
  const where = `The list of what is attached to ${digest}`;
  const found: Descriptor[] = [];
  let bytes = 0;
  let url = session.url(`referrers/${digest}`);
  if (artifactType !== undefined) url.searchParams.set('artifactType', artifactType);
  for (let pages = 0; pages < limits.referrersPages; pages++) {
    const request = { url, headers: { accept: mediaTypes.ociIndex } };
    const answer = await session.ask(request);
    // A page for people, with status 200, is no referrers API either.
    const isList = answer.status === 200 && contentType(answer) === mediaTypes.ociIndex;
    if (pages === 0 && !isList && (answer.status === 200 || notOffered.includes(answer.status))) {
      await answer.cancel();
      return undefined;
    }
    if (!isList) throw await session.refusal(request, answer);
    const page = await readPage(answer, limits.referrersBytes - bytes, where);
    bytes += page.length;
    for (const { descriptor } of parseIndex(page, where).entries) found.push(descriptor);
    if (found.length > limits.referrers) throw tooManyReferrers(where);
    const next = nextPage(answer.headers.get('link'));
    if (next === undefined) return found;
    url = await redirected(url, next, rules);
  }
  throw tooManyReferrers(where);
}

async function readPage(answer: HttpAnswer, most: number, where: string): Promise<Buffer> {
  try {
    return await readBytes(answer.body, most);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'image/answer-too-large') throw tooManyReferrers(where);
    throw thrown;
  }
}

/** RFC 8288: the target of the link whose relation is `next`. */
export function nextPage(header: string | null): string | undefined {
  for (const [, target, parameters = ''] of (header ?? '').slice(0, 16_384).matchAll(/<([^<>]*)>([^<>]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?![^\s;,]))/i.test(parameters)) return target;
  }
  return undefined;
}
