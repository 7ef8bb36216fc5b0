import { createHash } from 'node:crypto';
import { PlimsollError } from '../../error.ts';
import { isRecord, parseReference } from '../../image/index.ts';
import type { Inventory } from '../../sbom/index.ts';
import type { BuildSource } from './build.ts';
import { fields, text } from './predicate.ts';
import { type Material, sourceUri } from './write.ts';

/** Files that fix which versions of its dependencies a build takes. */
const lockFiles: ReadonlySet<string> = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'deno.lock',
  'Cargo.lock',
  'go.mod',
  'go.sum',
  'poetry.lock',
  'uv.lock',
  'pdm.lock',
  'Pipfile.lock',
  'pylock.toml',
  'requirements.txt',
  'composer.lock',
  'Gemfile.lock',
  'packages.lock.json',
  'gradle.lockfile',
  'buildscript-gradle.lockfile',
]);

/** Paths of the lock files that components of a build's source were found in, sorted. What lies in installed packages is not the build's own. */
export function lockFilesIn({ components }: Pick<Inventory, 'components'>): readonly string[] {
  const paths = new Set(components.flatMap(({ locations }) => locations.map(({ path }) => path)));
  return [...paths]
    .filter((path) => lockFiles.has(path.slice(path.lastIndexOf('/') + 1)))
    .filter((path) => !/(?:^|\/)(?:node_modules|vendor|\.\.)\/|!\//.test(path))
    .toSorted();
}

/** A lock file at `path` of the source. */
export function lockFileMaterial(path: string, content: Uint8Array, source: BuildSource | undefined): Material {
  return {
    name: path,
    ...(source === undefined ? {} : { uri: `${sourceUri(source)}#${encodeURI(path)}` }),
    digest: { sha256: createHash('sha256').update(content).digest('hex') },
  };
}

/** An image and its digest, `node:22@sha256:…`. @throws PlimsollError `trust/base-image` without a digest, `image/bad-reference` */
export function baseImageMaterial(reference: string): Material {
  const parsed = parseReference(reference);
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]+)$/.exec(parsed.digest ?? '') ?? [];
  if (algorithm === undefined || hex === undefined) {
    throw new PlimsollError('trust/base-image', `"${reference.slice(0, 200)}" does not say which image it was`, {
      hint: 'Give its digest, too: node:22@sha256:…',
    });
  }
  const { registry, repository, tag } = parsed;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const tagged = tag === undefined ? '' : `&tag=${tag}`;
  const at = encodeURIComponent(`${registry}/${repository}`).replaceAll('%3A', ':');
  // package-url/purl-spec, "oci"
  const uri = `pkg:oci/${name}@${algorithm}:${hex}?repository_url=${at}${tagged}`;
  return { name: 'base image', uri, digest: { [algorithm]: hex } };
}

const label = /(?:^|:)org\.opencontainers\.image\.base\.(name|digest)$/;

/**
 * The base image that annotations or labels name (OCI image-spec v1.1, "Pre-Defined Annotation Keys"), for {@link baseImageMaterial}.
 *
 * @returns `undefined` where they do not, or without its digest
 */
export function baseImageOf(named: Iterable<readonly [name: string, value: unknown]>): string | undefined {
  const found = new Map<string, string>();
  for (const [name, value] of named) {
    const [, part] = label.exec(name) ?? [];
    const said = text(value);
    if (part !== undefined && said !== undefined) found.set(part, said);
  }
  const name = found.get('name');
  const digest = found.get('digest');
  if (name === undefined || digest === undefined) return undefined;
  return `${name.replace(/@.*$/, '')}@${digest}`;
}

/** The annotations of a manifest; what is none has none. */
export function annotationsIn(manifest: Uint8Array): Readonly<Record<string, unknown>> {
  return fields(fields(jsonIn(manifest))['annotations']);
}

/** The labels of an image in its SBOM: those of Plimsoll, Syft and Trivy are properties of the subject of CycloneDX. Other documents have none. */
export function labelsInSbom(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  const { properties } = fields(fields(fields(jsonIn(bytes))['metadata'])['component']);
  if (!Array.isArray(properties)) return [];
  return properties.filter(isRecord).map(({ name, value }) => [String(name), value] as const);
}

/** UTF-8, or what PowerShell's `>` makes of it. */
function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes));
  } catch {
    return undefined;
  }
}
