import { PlimsollError } from '../error.ts';
import { isAttachment, isAttachmentName, type ListedManifest } from './attachment.ts';
import { formatReference, parseReference } from './reference.ts';

/** The descriptors that the user can mean: one, or several that only their platform tells apart. */
export function pick<T extends ListedManifest>(
  manifests: readonly T[],
  tag: string | undefined,
  where: string,
): readonly T[] {
  const images = manifests.filter((listed) => !isAttachment(listed) && !namesOf(listed).some(isAttachmentName));
  const fitting =
    tag === undefined ? images : named(withNames(manifests.filter((listed) => !isAttachment(listed))), tag);
  if (fitting.length === 0) throw noSuchImage(tag, images, where);
  const distinct = [...new Map(fitting.map((descriptor) => [descriptor.digest, descriptor])).values()];
  if (tag === undefined && distinct.length > 1 && new Set(distinct.map((image) => namesOf(image)[0])).size > 1) {
    throw new PlimsollError('image/ambiguous-image', `"${where}" holds several images: ${listNames(images)}`, {
      hint: 'Add the one you mean, as in oci:PATH:TAG or oci:PATH@sha256:….',
    });
  }
  return distinct;
}

function listNames(images: readonly ListedManifest[]): string {
  const names = [...new Set(images.map((image) => namesOf(image)[0] ?? image.digest))].map((name) =>
    name.slice(0, 200),
  );
  return names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
}

function noSuchImage(tag: string | undefined, images: readonly ListedManifest[], where: string): PlimsollError {
  if (images.length === 0) {
    return new PlimsollError('image/no-such-image', `"${where}" holds no image`, {
      hint: 'Copy an image into it, for example with skopeo copy.',
    });
  }
  return new PlimsollError(
    'image/no-such-image',
    `"${where}" holds no image "${tag ?? ''}", only ${listNames(images)}`,
    {
      hint: 'Name one of those.',
    },
  );
}

/** A manifest that has names; found by them again and again without reading them anew. */
export interface NamedManifest<T> {
  readonly manifest: T;
  readonly names: readonly { readonly text: string; readonly full: string | undefined }[];
}

/** Those that have names. */
export function withNames<T extends ListedManifest>(manifests: readonly T[]): readonly NamedManifest<T>[] {
  return manifests.flatMap((manifest) => {
    const names = namesOf(manifest).map((text) => ({ text, full: fullName(text) }));
    return names.length === 0 ? [] : [{ manifest, names }];
  });
}

/** By the whole name; failing that by the same name written otherwise, or by its tag alone. */
export function named<T>(manifests: readonly NamedManifest<T>[], tag: string): readonly T[] {
  const exact = manifests.filter(({ names }) => names.some(({ text }) => text === tag));
  const full = fullName(tag);
  const found =
    exact.length > 0 ? exact : manifests.filter(({ names }) => names.some((name) => isSame(name.full, tag, full)));
  return found.map(({ manifest }) => manifest);
}

/** OCI image-spec v1.1, "Pre-Defined Annotation Keys"; containerd, and Docker with it, keeps the full name apart. */
function namesOf({ annotations }: ListedManifest): readonly string[] {
  const names = [annotations?.['io.containerd.image.name'], annotations?.['org.opencontainers.image.ref.name']];
  return names.flatMap((name) => (name === undefined || name === '' ? [] : [name]));
}

/** Whether two names stand for one image: `alpine:3` and `docker.io/library/alpine:3`; or `tag` is the tag of `name`. */
export function isSameName(name: string, tag: string): boolean {
  return isSame(fullName(name), tag, fullName(tag));
}

function isSame(full: string | undefined, tag: string, fullTag: string | undefined): boolean {
  return full !== undefined && (full === fullTag || full.endsWith(`:${tag}`));
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch {
    return undefined;
  }
}
