import { BlockList, isIP } from 'node:net';

type Range = readonly [network: string, bits: number];

const loopback = listOf([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

const privateNetworks = listOf([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  // IETF protocol assignments and benchmarks: never a host on the Internet (RFC 6890).
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
  ['fc00::', 7],
  ['fec0::', 10],
  // NAT64 of one's own network (RFC 8215): what stands behind it cannot be told from the address.
  ['64:ff9b:1::', 48],
]);

/** Link-local and some single addresses are the metadata services of clouds; the others are no single host. */
const forbidden = listOf([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['fd00:ec2::254', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  // Teredo (RFC 4380) hides an address behind a relay.
  ['2001::', 32],
]);

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of ranges) list.addSubnet(network, bits, network.includes(':') ? 'ipv6' : 'ipv4');
  return list;
}

export type HostReach = 'loopback' | 'private' | 'public' | 'forbidden';

/**
 * How far away a host is, by its address. `hostname` is as the WHATWG parser gives it (an IPv6 address in brackets).
 * A name is `public` as long as nobody resolved it, `localhost` aside (RFC 6761 section 6.3 keeps it for loopback).
 */
export function hostReach(hostname: string): HostReach {
  const host = hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  const version = isIP(host);
  if (version === 0) return 'public';
  return version === 4 ? reachOf(host, 'ipv4') : reachOfIpv6(host);
}

/**
 * Whether an endpoint may be connected to at an address: any public one, one inside where its operator allows that,
 * and never one that is no endpoint's (security requirement S10).
 */
export function isAllowedAddress(address: string, allowPrivate: boolean): boolean {
  const reach = hostReach(address);
  return reach === 'public' || (allowPrivate && reach !== 'forbidden');
}

function reachOf(address: string, family: 'ipv4' | 'ipv6'): HostReach {
  if (loopback.check(address, family)) return 'loopback';
  if (forbidden.check(address, family)) return 'forbidden';
  return privateNetworks.check(address, family) ? 'private' : 'public';
}

/** An address that leads to an IPv4 host is as far away as that host, whatever way it is written. */
function reachOfIpv6(address: string): HostReach {
  const groups = groupsOf(address);
  const [first, second, third] = groups;
  const leadingZeros = groups.findIndex((group) => group !== 0);
  // Unspecified, or of the deprecated form `::a.b.c.d` (RFC 4291 §2.5.5.1), of which loopback alone is anybody's.
  if (leadingZeros < 0 || (leadingZeros >= 6 && !loopback.check(address, 'ipv6'))) return 'forbidden';
  // Mapped `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), translated `::ffff:0:a.b.c.d` (RFC 2765), NAT64 (RFC 6052).
  const isMapped = leadingZeros === 5 && groups[5] === 0xffff;
  const isTranslated = leadingZeros === 4 && groups[4] === 0xffff && groups[5] === 0;
  const isNat64 = first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (isMapped || isTranslated || isNat64) return reachOf(dotted(groups[6], groups[7]), 'ipv4');
  // 6to4 (RFC 3056) carries the address right behind its prefix.
  return first === 0x2002 ? reachOf(dotted(second, third), 'ipv4') : reachOf(address, 'ipv6');
}

/** The eight numbers of an IPv6 address, which the WHATWG parser has written in hexadecimal throughout. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = numbersOf(head);
  const after = tail === undefined ? [] : numbersOf(tail);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function numbersOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
