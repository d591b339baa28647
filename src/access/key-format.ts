import { crc32 } from './crc32.ts';

/** What a key of ours tells of itself: `ss_<environment>_<id>_<secret>_<checksum>` (security requirement S1). */
export interface KeyParts {
  readonly environment: string;
  readonly id: string;
  readonly secret: string;
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 32 bytes take 43 digits: 62^43 is more than 2^256. */
export const secretBytes = 32;
const secretDigits = 43;
/** 6 bytes have a few more values than 8 digits: the id is an index and no secret, so that does not matter. */
export const idBytes = 6;
const idDigits = 8;
const form = /^ss_([a-z0-9]{1,12})_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})_([0-9a-f]{8})$/;

export function writeKey({ environment, id, secret }: KeyParts): string {
  const body = `ss_${environment}_${id}_${secret}`;
  return `${body}_${checksum(body)}`;
}

/** Undefined for what is no key of ours, one that was mistyped or cut off included: the checksum tells without a look-up. */
export function readKey(text: string): KeyParts | undefined {
  const [, environment, id, secret, given] = form.exec(text) ?? [];
  if (environment === undefined || id === undefined || secret === undefined) return undefined;
  return given === checksum(text.slice(0, -9)) ? { environment, id, secret } : undefined;
}

export function idFrom(random: Uint8Array): string {
  return digits(random, idDigits);
}

export function secretFrom(random: Uint8Array): string {
  return digits(random, secretDigits);
}

/** How a key is shown once its secret is gone: by its id and its last four characters. */
export function displayedKey({ environment, id }: Pick<KeyParts, 'environment' | 'id'>, lastFour: string): string {
  return `ss_${environment}_${id}_…${lastFour}`;
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}

function digits(bytes: Uint8Array, count: number): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = '';
  for (let digit = 0; digit < count; digit += 1) {
    text = base62.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
