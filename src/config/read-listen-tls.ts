import { readCertificates, readPrivateKey } from './read-pem.ts';
import { take, type Report } from './report.ts';
import type { ConfigFile } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

/** What a listener needs of its files, as PEM text. */
export interface ListenTlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/** Reads and checks the files of a listener's certificate, when the gateway starts and whenever they changed; undefined where one is bad. */
export function readListenTls(
  section: 'listen' | 'control',
  { cert, key, clientCa }: NonNullable<ConfigFile['listen']['tls']>,
  around: Pick<ConfigSurroundings, 'readFile' | 'resolvePath'>,
  report: Report,
): ListenTlsFiles | undefined {
  const at = (name: string): readonly string[] => [section, 'tls', name];
  const certificates = take(readCertificates(cert, around), at('cert'), report);
  const privateKey = certificates === undefined ? undefined : take(readPrivateKey(key, certificates, around), at('key'), report);
  const ca = clientCa === undefined ? undefined : take(readCertificates(clientCa, around), at('clientCa'), report);
  if (certificates === undefined || privateKey === undefined || (clientCa !== undefined && ca === undefined)) return undefined;
  return { cert: certificates, key: privateKey, ca };
}
