import { isIP, isIPv6 } from 'node:net';
import { PlimsollError } from '../error.ts';
import { isDigest } from './digest.ts';

/** An image in a registry, with the defaults filled in. At least one of `tag` and `digest` is there; the digest decides. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`, `[::1]:5000`; lower case. */
  readonly registry: string;
  /** `library/alpine`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

const defaultRegistry = 'docker.io';
/** distribution/reference: the grammar's limit on a name, registry included. */
const maxNameLength = 255;
const maxLength = 600;
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const hostPattern = /^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * Reads a reference by the grammar of the distribution project: `alpine`, `ghcr.io/owner/name:1.2@sha256:…`,
 * `[::1]:5000/name`. Without a registry it is Docker Hub's, without tag and digest `latest`.
 *
 * @throws PlimsollError `image/bad-reference`
 */
export function parseReference(text: string): ImageReference {
  if (text.length > maxLength) throw bad(text, `it is longer than ${maxLength} characters`);
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest))
    throw bad(text, `"${digest.slice(0, 80)}" is not a sha256 or sha512 digest`);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw bad(text, `"${tag.slice(0, 80)}" is not a tag`);
  const name = colon < 0 ? named : named.slice(0, colon);
  if (name.length > maxNameLength) throw bad(text, `its name is longer than ${maxNameLength} characters`);
  const { registry, repository } = splitName(name);
  if (!isRegistry(registry)) throw bad(text, `"${registry}" is not a registry's host name`);
  if (!repositoryPattern.test(repository)) {
    throw bad(text, /[A-Z]/.test(repository) ? 'the name holds capital letters' : `"${repository}" is not a name`);
  }
  if (/^[0-9a-f]{64}$/.test(name)) throw bad(text, 'an image id names nothing in a registry');
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** `docker.io/library/alpine:latest`: in full, so that equal images have equal names. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** The parts of `host`, `host:port` or `[v6]:port`; the host without brackets. */
export function splitHost(registry: string): { readonly host: string; readonly port: string | undefined } {
  const bracket = registry.startsWith('[') ? registry.indexOf(']') : -1;
  const colon = registry.indexOf(':', bracket + 1);
  const host = colon < 0 ? registry : registry.slice(0, colon);
  return {
    host: bracket < 0 ? host : registry.slice(1, bracket),
    port: colon < 0 ? undefined : registry.slice(colon + 1),
  };
}

/**
 * The first part is a registry when it could not be anything else: it has a dot or a colon, or is `localhost`. The distribution
 * project takes capitals for a sign of one, too; but in lower case, as host names are compared, that would be a name of Docker Hub's.
 */
function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const registry = first.toLowerCase();
  if (!/[.:]/.test(registry) && registry !== 'localhost')
    return { registry: defaultRegistry, repository: hubName(name) };
  const rest = name.slice(slash + 1);
  if (registry === defaultRegistry || registry === 'index.docker.io' || registry === 'registry-1.docker.io')
    return { registry: defaultRegistry, repository: hubName(rest) };
  return { registry, repository: rest };
}

function hubName(name: string): string {
  return name.includes('/') ? name : `library/${name}`;
}

function isRegistry(registry: string): boolean {
  const { host, port } = splitHost(registry);
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536)) return false;
  if (registry.startsWith('[')) return isIPv6(host) && !host.includes('%') && /^\[[^\]]*\](?::[0-9]+)?$/.test(registry);
  return isIP(host) === 4 || hostPattern.test(host);
}

function bad(text: string, why: string): PlimsollError {
  return new PlimsollError('image/bad-reference', `"${text.slice(0, 200)}" is not an image reference: ${why}`, {
    hint: 'A reference looks like alpine:3.20, ghcr.io/owner/name:1.2 or registry.example.com:5000/team/app@sha256:…, in lower case.',
  });
}
