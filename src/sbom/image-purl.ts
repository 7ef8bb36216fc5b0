import type { Artifact } from './evidence.ts';
import { canonicalPurl } from './purl-form.ts';

const repository = /^(?:([a-zA-Z0-9][\w.-]*(?::\d+)?)\/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)$/;

/**
 * The purl of an image that was named as registries name images (package-url/purl-spec, "oci"); none for one from a
 * layout or an archive, whose path says nothing about where it comes from.
 */
export function imagePurl(image: Extract<Artifact, { kind: 'image' }>): string | undefined {
  const stated = /^registry:(?:\/\/)?/.exec(image.reference)?.[0];
  const reference = image.reference.slice(stated?.length ?? 0);
  if (reference.length > 600 || /^(?:oci|oci-archive|docker-archive):/.test(reference)) return undefined;
  const [, named = '', tag, digest] = /^([^@]*?)(?::(\w[\w.-]{0,127}))?(@.*)?$/.exec(reference) ?? [];
  const [, host, path = ''] = repository.exec(named) ?? [];
  const name = path.split('/').at(-1);
  if (name === undefined || name === '') return undefined;
  // `build/web` may be a folder; with a tag or a digest it is none.
  const inRegistry = stated !== undefined || tag !== undefined || digest !== undefined;
  const [system = '', architecture = ''] = image.platform.split('/');
  const qualifiers = new Map<string, string>();
  if (architecture !== '') qualifiers.set('arch', architecture);
  if (system !== '' && system !== 'linux') qualifiers.set('os', system);
  if (inRegistry) qualifiers.set('repository_url', repositoryUrl(host, path));
  if (tag !== undefined) qualifiers.set('tag', tag);
  return canonicalPurl({ type: 'oci', namespace: undefined, name, version: image.digest, qualifiers }).purl;
}

/** Without a registry it is Docker Hub's; a first part is one when it could not be anything else. */
function repositoryUrl(host: string | undefined, path: string): string {
  const isHost = host !== undefined && (/[.:]/.test(host) || host === 'localhost');
  if (isHost) return `${host}/${path}`;
  const full = host === undefined ? path : `${host}/${path}`;
  return `docker.io/${full.includes('/') ? full : `library/${full}`}`;
}
