import { PlimsollError } from '../error.ts';
import type { Platform } from './platform.ts';
import { formatReference, type ImageReference } from './reference.ts';
import { type RegistryOptions, registryAccess } from './registry-access.ts';
import { type RegistryClient, registryClient } from './registry-client.ts';
import type { RegistryAccess } from './registry-session.ts';
import { type ImageSource, type SelectedImage, selectImage } from './selection.ts';

/**
 * The image that a reference names in its registry.
 *
 * @param name as the user wrote it
 * @throws PlimsollError as `openImage` does
 */
export async function selectFromRegistry(
  name: string,
  reference: ImageReference,
  wanted: Platform | undefined,
  options: RegistryOptions,
): Promise<{ readonly source: ImageSource; readonly image: SelectedImage; readonly problems: readonly string[] }> {
  const access = await registryAccess(reference, options);
  const client = registryClient(access, reference.repository);
  const root = await client.manifest(reference.digest ?? reference.tag ?? 'latest').catch((thrown: unknown) => {
    throw notOnDiskEither(name, thrown);
  });
  if (root === undefined) throw notOnDiskEither(name, noSuchImage(reference));
  const source = registrySource(client, reference.repository, root);
  const image = await selectImage(source, { digest: root.digest, kind: 'manifest' }, wanted);
  return { source, image, problems: access.problems };
}

/** Who mistyped the name of a folder learns why a registry was asked. */
function notOnDiskEither(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof PlimsollError) || name.startsWith('registry:')) return thrown;
  const { code, message, kind, hint } = thrown;
  return new PlimsollError(code, message, {
    hint: `No file or folder here is called "${name}", so it was looked for in a registry. ${hint}`,
    kind,
    cause: thrown,
  });
}

function registrySource(
  client: RegistryClient,
  repository: string,
  root: { readonly digest: string; readonly bytes: Buffer },
): ImageSource {
  return {
    async read({ digest, size, kind }) {
      if (digest === root.digest) return root.bytes;
      if (kind === 'manifest') return (await client.manifest(digest))?.bytes;
      const chunks: Uint8Array[] = [];
      for await (const chunk of client.blob(digest, size ?? 0)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async locate({ digest, size }, probe) {
      if (size === undefined || (probe && !(await client.hasBlob(digest)))) return undefined;
      const access: RegistryAccess = client.access();
      return { kind: 'registry', access, repository, digest, size };
    },
  };
}

function noSuchImage(reference: ImageReference): PlimsollError {
  const registryItself =
    reference.registry === 'docker.io' &&
    reference.repository.startsWith('library/') &&
    /^[0-9.]+$/.test(reference.repository.slice(8));
  return new PlimsollError('image/not-found', `${formatReference(reference)} does not exist in its registry`, {
    hint: registryItself
      ? 'A name after "registry:" is an image reference; the image called registry is registry:registry:2.'
      : 'Check the name and the tag. A file or a folder is named with its scheme, as in docker-archive:PATH or oci:PATH.',
    kind: 'unavailable',
  });
}
