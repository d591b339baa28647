import { BlockList, isIP } from 'node:net';
import { failure, success, type Result } from '../std/result.ts';
import { hostReach } from './host-reach.ts';
import type { AddressProblem } from './endpoint-address.ts';

/** Whether a host is reached without the proxy. `host` has no brackets. */
export type IsExempt = (host: string, port: number) => boolean;

const forms = 'Give a name such as `.example.com`, an address, a network such as `10.0.0.0/8`, each with `:port` at will, or `*`.';

/**
 * Reads one entry of a list of hosts that need no proxy. The list has no standard; this is what curl and Go agree on:
 * a name also stands for all names below it, with a dot or `*.` before it for these alone.
 */
export function readNoProxy(entry: string): Result<IsExempt, AddressProblem> {
  const given = entry.trim().toLowerCase();
  if (given === '*') return success(() => true);
  const network = readNetwork(given);
  if (network !== undefined) return network;
  const [, bracketed, bare, portText] = /^(?:\[([0-9a-f:.]+)\]|([^[\]/]+?))(?::(\d{1,5}))?$/.exec(isIP(given) === 6 ? `[${given}]` : given) ?? [];
  const name = bracketed ?? bare?.replace(/^\*(?=\.)/, '');
  if (name === undefined || (isIP(name) === 0 && !/^\.?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(name)))
    return failure({ what: 'is neither a name nor an address nor a network', fix: forms });
  const isHere = (port: number): boolean => portText === undefined || Number(portText) === port;
  if (isIP(name) !== 0) return success((host, port) => host === name && isHere(port));
  const below = name.startsWith('.') ? name : `.${name}`;
  return success((host, port) => isHere(port) && (`.${host}` === below ? !name.startsWith('.') : host.endsWith(below)));
}

function readNetwork(given: string): Result<IsExempt, AddressProblem> | undefined {
  const [, address = '', bits] = /^([0-9a-f:.]+)\/(\d{1,3})$/.exec(given) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  if (Number(bits) > (version === 4 ? 32 : 128)) return failure({ what: 'is a network with too many bits', fix: forms });
  const list = new BlockList();
  list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  return success((host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6'));
}

/** This machine is never reached through a proxy, which would look for it at itself. */
export function exemptBy(entries: readonly IsExempt[]): IsExempt {
  return (host, port) => hostReach(host) === 'loopback' || entries.some((isExempt) => isExempt(host.replace(/\.$/, '').toLowerCase(), port));
}
