import { createHmac, timingSafeEqual } from 'node:crypto';

/** What authenticator apps take for granted (RFC 6238 §4, RFC 4226 §5.3). */
const stepMs = 30_000;
const digits = 6;
/** A code of the step before or after is taken too: clocks differ, and people are slow (RFC 6238 §5.2). */
const drift = 1;
const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of one time step (RFC 4226 §5.3: dynamic truncation of an HMAC over the counter). */
export function totpCode(secret: Uint8Array, step: number, length: number = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** length).padStart(length, '0');
}

/** The step whose code this is, around now and after the last one used; undefined where it is none. A code counts once. */
export function totpStep(secret: Uint8Array, code: string, wallMs: number, lastUsedStep: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = Math.floor(wallMs / stepMs);
  let found: number | undefined;
  for (let step = now - drift; step <= now + drift; step += 1)
    if (step >= 0 && timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code)) && step > lastUsedStep) found ??= step;
  return found;
}

/** As apps read it from a QR code or take it typed. */
export function totpUri(secret: Uint8Array, user: string): string {
  return `otpauth://totp/Second%20Source:${encodeURIComponent(user)}?secret=${base32(secret)}&issuer=Second%20Source`;
}

/** RFC 4648 §6, without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => base32Alphabet[Number.parseInt(five.padEnd(5, '0'), 2)] ?? '').join('');
}
