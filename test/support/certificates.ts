import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface Identity {
  /** PEM text of the certificate and of its private key. */
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /** A certificate for these names and addresses, valid from 2020 until the given year. */
  readonly issue: (names: readonly string[], untilYear?: number) => Identity;
}

/** An authority of a test's own. Made anew in each run, so that no private key stands in the repository. */
export function makeAuthority(name: string): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certify = (subject: string, key: KeyObject, extension: Buffer, untilYear: number): string => {
    const validity = sequence(time(2020), time(untilYear));
    const version = element(0xa0, integer(Buffer.of(2)));
    const tbs = sequence(
      version,
      integer(serial()),
      ecdsaWithSha256,
      distinguished(name),
      validity,
      distinguished(subject),
      spki(key),
      element(0xa3, sequence(extension)),
    );
    const signature = element(0x03, Buffer.of(0), sign('sha256', tbs, own.privateKey));
    return pem(sequence(tbs, ecdsaWithSha256, signature));
  };
  return {
    certificate: certify(name, own.publicKey, extensionOf([0x55, 0x1d, 0x13], sequence(element(0x01, Buffer.of(0xff)))), 2049),
    issue: (names, untilYear = 2049) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = certify(names[0] ?? 'nobody', publicKey, extensionOf([0x55, 0x1d, 0x11], sequence(...names.map(generalName))), untilYear);
      return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

// The few DER elements that a certificate of RFC 5280 section 4.1 consists of (X.690).

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...members: readonly Uint8Array[]): Buffer {
  return element(0x30, ...members);
}

function integer(bytes: Uint8Array): Buffer {
  return element(0x02, bytes);
}

/** Positive, and without a leading zero. */
function serial(): Buffer {
  return Buffer.concat([Buffer.of(0x40), randomBytes(15)]);
}

/** UTCTime, which stands for the years 1950 to 2049. */
function time(year: number): Buffer {
  return element(0x17, Buffer.from(`${String(year).slice(2)}0101000000Z`));
}

const commonName = element(0x06, Buffer.of(0x55, 0x04, 0x03));
const ecdsaWithSha256 = sequence(element(0x06, Buffer.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)));

function distinguished(name: string): Buffer {
  return sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(name)))));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** Always critical: whoever does not understand it must refuse. */
function extensionOf(oid: readonly number[], value: Uint8Array): Buffer {
  return sequence(element(0x06, Buffer.from(oid)), element(0x01, Buffer.of(0xff)), element(0x04, value));
}

function generalName(name: string): Buffer {
  return isIP(name) === 4 ? element(0x87, Buffer.from(name.split('.').map(Number))) : element(0x82, Buffer.from(name));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
