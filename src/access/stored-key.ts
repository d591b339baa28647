import { z } from 'zod';
import { apis } from './scopes.ts';

/** So many keys are kept at most, revoked ones included; of those the longest revoked make room. */
export const mostKeys = 20_000;
/** A key and its successor are valid together for so long at most (security requirement S6). */
export const longestOverlapMs = 7 * 86_400_000;

const wallMs = z.int().min(0);
const name = z.string().min(1).max(256);

export const scopesSchema = z.strictObject({
  models: z.array(name).max(1000).readonly().optional(),
  vendors: z.array(name).max(100).readonly().optional(),
  apis: z.array(z.enum(apis)).max(apis.length).readonly().optional(),
});

const versionSchema = z.strictObject({
  /** HMAC-SHA-256 of the whole key under a pepper that is kept elsewhere, in hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Names the pepper. */
  pepper: z.string().regex(/^[0-9a-f]{8}$/),
  lastFour: z.string().regex(/^[0-9A-Za-z]{4}$/),
  createdAtWallMs: wallMs,
  /** When its successor stands alone; null for the newest. */
  endsAtWallMs: wallMs.nullable(),
});

const storedKeySchema = z.strictObject({
  id: z.string().regex(/^[0-9A-Za-z]{8}$/),
  environment: z.string().regex(/^[a-z0-9]{1,12}$/),
  team: z.string().min(1).max(64),
  name: z.string().max(128),
  scopes: scopesSchema,
  createdAtWallMs: wallMs,
  expiresAtWallMs: wallMs.nullable(),
  revokedAtWallMs: wallMs.nullable(),
  /** The newest first; an older one only while both are valid. */
  versions: z.array(versionSchema).min(1).max(2).readonly(),
});

/** What the store holds. A later format gets another number, so that an older gateway says so instead of guessing. */
export const keyFileSchema = z.strictObject({
  format: z.literal(1),
  revision: z.int().min(0),
  keys: z.array(storedKeySchema).max(mostKeys).readonly(),
});

/** A key as it is kept: nothing in it lets anybody in. */
export type StoredKey = Readonly<z.infer<typeof storedKeySchema>>;
export type KeyVersion = StoredKey['versions'][number];
export type KeyFileContent = Readonly<z.infer<typeof keyFileSchema>>;
