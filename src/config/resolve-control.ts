import { join } from 'node:path';
import { hostReach } from './host-reach.ts';
import { readListenTls } from './read-listen-tls.ts';
import { readSecret } from './read-secret.ts';
import { take, type Report } from './report.ts';
import type { ConfigFile, ControlConfig } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

type Tls = NonNullable<ConfigFile['listen']['tls']>;

/** Whether there are users is known only when the gateway starts (`compose/control-listener.ts`). */
export function resolveControl({ control, listen, ledger }: ConfigFile, around: ConfigSurroundings, report: Report): ControlConfig {
  const host = control.host.replace(/^\[(.*)\]$/, '$1');
  if (hostReach(host) !== 'loopback') {
    const missing = [...(control.publicAccess ? [] : ['`publicAccess: true`']), ...(control.tls === undefined ? ['`tls`'] : [])];
    if (missing.length > 0)
      report(['control', 'host'], {
        what: 'other machines could reach this address',
        fix: `Add ${missing.join(' and ')} to \`control\`, or listen on 127.0.0.1.`,
      });
  }
  const tls = resolveTls('control', control.tls, around, report);
  const secret = control.secret === undefined ? undefined : take(readSecret(control.secret, around), ['control', 'secret'], report);
  return {
    host,
    port: control.port ?? (listen.port === 0 || listen.port === 65_535 ? 0 : listen.port + 1),
    publicAccess: control.publicAccess,
    directory: around.resolvePath(control.directory ?? join(ledger.directory, 'control')),
    ...(tls === undefined ? {} : { tls }),
    ...(secret === undefined ? {} : { secret }),
  };
}

/** Checks the files of a listener's certificate, and makes their paths absolute. */
export function resolveTls(section: 'listen' | 'control', tls: Tls | undefined, around: ConfigSurroundings, report: Report): Tls | undefined {
  if (tls === undefined) return undefined;
  readListenTls(section, tls, around, report);
  const { cert, key, clientCa } = tls;
  const paths = { cert: around.resolvePath(cert), key: around.resolvePath(key) };
  return clientCa === undefined ? paths : { ...paths, clientCa: around.resolvePath(clientCa) };
}
