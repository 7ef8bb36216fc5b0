import { PlimsollError } from '../error.ts';
import { isAttachment } from './attachment.ts';
import { jsonObject, parseDescriptor } from './descriptor.ts';
import { formatPlatform, parsePlatform, suitability } from './platform.ts';
import type { StoredManifest } from './store.ts';

/**
 * The digest of the image for a platform, as the index says; that of an image itself, which is for whatever it is for.
 *
 * @throws PlimsollError `image/platform-not-found`, `image/bad-platform`
 */
export function platformIn({ bytes, digest }: StoredManifest, platform: string): string {
  const wanted = parsePlatform(platform);
  const { manifests } = jsonObject(bytes);
  if (!Array.isArray(manifests)) return digest;
  let best: { readonly digest: string; readonly fit: number } | undefined;
  const available = new Set<string>();
  for (const json of manifests) {
    const child = parseDescriptor(json);
    if (child?.platform === undefined || isAttachment(child)) continue;
    available.add(formatPlatform(child.platform));
    const fit = suitability(child.platform, wanted);
    if (fit !== undefined && (best === undefined || fit > best.fit)) best = { digest: child.digest, fit };
  }
  if (best !== undefined) return best.digest;
  throw new PlimsollError(
    'image/platform-not-found',
    `The image is not there for ${formatPlatform(wanted)}, only for ${[...available].join(', ').slice(0, 500)}`,
    { hint: 'Name one of these.' },
  );
}
