import { PlimsollError } from '../error.ts';

/** OCI image-spec v1.1, image index, `platform`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** Names that people and other tools use for Go's. */
const architectureAliases = new Map<string, { architecture: string; variant?: string }>([
  ['x86_64', { architecture: 'amd64' }],
  ['x86-64', { architecture: 'amd64' }],
  ['x64', { architecture: 'amd64' }],
  ['i386', { architecture: '386' }],
  ['ia32', { architecture: '386' }],
  ['aarch64', { architecture: 'arm64' }],
  ['armhf', { architecture: 'arm', variant: 'v7' }],
  ['armel', { architecture: 'arm', variant: 'v6' }],
  ['ppc64', { architecture: 'ppc64le' }],
]);

/** What an architecture without a variant means. */
const baseVariants = new Map([
  ['amd64', 'v1'],
  ['arm64', 'v8'],
  ['arm', 'v7'],
]);

/**
 * `linux/arm64/v8`, `linux/amd64`, or the architecture alone.
 *
 * @throws PlimsollError `image/bad-platform`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [os, architecture, variant] = parts.length === 1 ? ['linux', ...parts] : parts;
  if (
    parts.length > 3 ||
    !parts.every((part) => /^[a-z0-9._-]{1,40}$/.test(part)) ||
    os === undefined ||
    architecture === undefined
  ) {
    throw new PlimsollError('image/bad-platform', `"${text.slice(0, 100)}" is not a platform`, {
      hint: 'A platform looks like linux/amd64, linux/arm64 or linux/arm/v7.',
    });
  }
  const alias = architectureAliases.get(architecture);
  return { os, architecture: alias?.architecture ?? architecture, variant: variant ?? alias?.variant };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/');
}

/** Linux on this machine's processor: what would run here in a container. */
export function hostPlatform(architecture: string = process.arch): Platform {
  return { os: 'linux', architecture: architectureAliases.get(architecture)?.architecture ?? architecture };
}

/**
 * How well `offered` suits `wanted`: higher is better, `undefined` is not at all. A processor runs what was made for an
 * older variant of its architecture (arm v7 runs v6, amd64 v3 runs v1), never for a newer one.
 */
export function suitability(offered: Platform, wanted: Platform): number | undefined {
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return undefined;
  const has = variantOf(offered);
  const wants = variantOf(wanted);
  if (has === wants) return Number.MAX_SAFE_INTEGER;
  const level = variantLevel(has);
  const wantedLevel = variantLevel(wants);
  return level === undefined || wantedLevel === undefined || level > wantedLevel ? undefined : level;
}

function variantOf({ architecture, variant }: Platform): string {
  return variant === undefined || variant === '' ? (baseVariants.get(architecture) ?? '') : variant;
}

/** `v8.1` comes after `v8`. */
function variantLevel(variant: string): number | undefined {
  return /^v[0-9]{1,3}(?:\.[0-9]{1,3})?$/.test(variant) ? Number(variant.slice(1)) : undefined;
}
