import { createPrivateKey, X509Certificate } from 'node:crypto';
import { failure, success, type Result } from '../std/result.ts';
import type { AddressProblem } from './endpoint-address.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

type Files = Pick<ConfigSurroundings, 'readFile' | 'resolvePath'>;

const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, as text. A failure names the file, never what it holds. */
export function readCertificates(path: string, around: Files): Result<string, AddressProblem> {
  const text = readText(path, around);
  if (!text.ok) return text;
  const certificates = text.value.match(certificatePattern) ?? [];
  const where = around.resolvePath(path);
  if (certificates.length === 0)
    return failure({ what: `the file ${where} holds no certificate`, fix: 'Give a file in PEM form (`-----BEGIN CERTIFICATE-----`).' });
  try {
    for (const certificate of certificates) void new X509Certificate(certificate);
  } catch {
    return failure({ what: `the file ${where} holds a certificate that cannot be read`, fix: 'Give a file whose certificates are whole.' });
  }
  return success(`${certificates.join('\n')}\n`);
}

/** A private key of a PEM file, checked to be that of the first certificate. */
export function readPrivateKey(path: string, certificates: string, around: Files): Result<string, AddressProblem> {
  const text = readText(path, around);
  if (!text.ok) return text;
  const where = around.resolvePath(path);
  try {
    const key = createPrivateKey(text.value);
    if (new X509Certificate(certificates).checkPrivateKey(key)) return success(text.value);
  } catch {
    return failure({ what: `the file ${where} holds no private key that can be read`, fix: 'Give one in PEM form that is not encrypted.' });
  }
  return failure({ what: `the private key in ${where} is not that of the certificate`, fix: 'Give the key with which the certificate was made.' });
}

function readText(path: string, { readFile, resolvePath }: Files): Result<string, AddressProblem> {
  const where = resolvePath(path);
  try {
    return success(readFile(where));
  } catch {
    return failure({ what: `the file ${where} cannot be read`, fix: 'Create it, make it readable for this user, or correct the path.' });
  }
}
