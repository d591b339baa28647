import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  privateNetworks.addSubnet(network, bits);
privateNetworks.addSubnet('fc00::', 7, 'ipv6');

/** Link-local holds the metadata services of clouds; the others are no single host. */
const forbidden = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  forbidden.addSubnet(network, bits);
for (const [network, bits] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  forbidden.addSubnet(network, bits, 'ipv6');

export type HostReach = 'loopback' | 'private' | 'public' | 'forbidden';

/**
 * How far away a host is, by its address. `hostname` is as the WHATWG parser gives it (an IPv6 address in brackets).
 * A name is `public` as long as nobody resolved it, `localhost` aside (RFC 6761 section 6.3 keeps it for loopback).
 */
export function hostReach(hostname: string): HostReach {
  const host = hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  const version = isIP(host);
  if (version === 0) return 'public';
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(host, family)) return 'loopback';
  if (forbidden.check(host, family)) return 'forbidden';
  return privateNetworks.check(host, family) ? 'private' : 'public';
}
