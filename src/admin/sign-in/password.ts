import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/**
 * Costs of one hash. OWASP's Password Storage Cheat Sheet counts N = 2^15, r = 8, p = 3 among its equal choices for
 * scrypt (RFC 7914); it takes 32 MiB, where p = 1 with the same strength would take 128.
 */
const costs = { logN: 15, r: 8, p: 3 };
const hashBytes = 32;
const memoryBytes = 64 * 1024 * 1024;

export const passwordHashSchema = z.strictObject({
  logN: z.int().min(10).max(20),
  r: z.int().min(1).max(32),
  p: z.int().min(1).max(16),
  salt: z.string(),
  hash: z.string(),
});

export type PasswordHash = z.infer<typeof passwordHashSchema>;

/** A new password. Length is what counts; NIST SP 800-63B asks for no other rule. */
export const newPassword = z.string().min(12).max(1024);

/** `used`: for tests, which have no time to lose. Each hash says what it cost, so that a later choice needs no new passwords. */
export async function hashPassword(password: string, used: typeof costs = costs): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { ...used, salt: salt.toString('base64url'), hash: (await derive(password, salt, used)).toString('base64url') };
}

const nobodys: PasswordHash = { ...costs, salt: randomBytes(16).toString('base64url'), hash: randomBytes(hashBytes).toString('base64url') };

/** Takes as long for a name that nobody has, so that time does not tell which names exist. */
export async function checkPassword(password: string, stored: PasswordHash | undefined): Promise<boolean> {
  const { salt, hash, ...used } = stored ?? nobodys;
  const derived = await derive(password, Buffer.from(salt, 'base64url'), used);
  const expected = Buffer.from(hash, 'base64url');
  return expected.length === derived.length && timingSafeEqual(expected, derived) && stored !== undefined;
}

function derive(password: string, salt: Buffer, { logN, r, p }: typeof costs): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, { N: 2 ** logN, r, p, maxmem: memoryBytes * 2 }, (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}
