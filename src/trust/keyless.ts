/** The door to what identities need: it is loaded when it is used, since whoever signs and verifies with keys does without. */
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import type { IdentityOptions } from './keyless/identity-token.ts';
import type { SigningServices } from './keyless/sign.ts';
import type { FetchedRoot, TufOptions } from './keyless/trusted-root-tuf.ts';
import type { Sealer } from './sealer.ts';

export type { SigningServices };

interface Keyless {
  readonly identity: IdentityOptions;
  /** The public Sigstore by default. */
  readonly services?: SigningServices | undefined;
}

/** A sealer that signs with an identity. @throws PlimsollError as `keylessSealer` of `keyless/sign.ts` */
export async function keylessSealing({ identity, services }: Keyless): Promise<Sealer> {
  const { keylessSealer, publicServices } = await import('./keyless/sign.ts');
  return keylessSealer(identity, services ?? publicServices);
}

/** The deployments of Sigstore that a trusted root names. @throws PlimsollError `trust/trusted-root` */
export async function trustedRootsIn(content: Buffer, name: string): Promise<readonly TrustedRoot[]> {
  return (await import('./keyless/trusted-root-file.ts')).readTrustedRoots(content, name);
}

/** @throws PlimsollError `trust/tuf` */
export async function trustedRootByTuf(options: TufOptions): Promise<FetchedRoot> {
  return (await import('./keyless/trusted-root-tuf.ts')).fetchTrustedRoot(options);
}
