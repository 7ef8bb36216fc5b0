import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { splitHost } from './reference.ts';

/** Addresses of a host name; throws when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** IANA's special-purpose registries (RFC 6890): what no public registry has a reason to send anyone to. */
const inside = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  inside.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  inside.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address is loopback, link-local, private or otherwise not of the public internet. IPv4-mapped IPv6 counts as IPv4. */
export function isInsideAddress(address: string): boolean {
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** `localhost`, names under it (RFC 6761) and loopback addresses; `registry` may have a port. */
export function isLoopbackHost(registry: string): boolean {
  const { host } = splitHost(registry);
  if (isIP(host) !== 0) return loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Whether `list` names a host, with its port or without. */
export function listsHost(list: readonly string[], registry: string): boolean {
  const { host } = splitHost(registry);
  return list.some((entry) => entry.toLowerCase() === registry || entry.toLowerCase() === host);
}

/**
 * Whether a public registry sends us to a host inside the network we are in: that would lend it our place there.
 * A name that does not resolve is not inside; the request to it fails by itself.
 */
export async function leadsInside(
  registry: string,
  target: string,
  resolve: Resolve = resolveByName,
): Promise<boolean> {
  const [from, to] = [splitHost(registry).host, splitHost(target).host];
  if (from === to || isLoopbackHost(registry)) return false;
  const [fromInside, toInside] = await Promise.all([anyInside(from, resolve), anyInside(to, resolve)]);
  return toInside && !fromInside;
}

async function anyInside(host: string, resolve: Resolve): Promise<boolean> {
  if (isIP(host) !== 0) return isInsideAddress(host);
  if (isLoopbackHost(host)) return true;
  try {
    return (await resolve(host)).some(isInsideAddress);
  } catch {
    return false;
  }
}

async function resolveByName(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
