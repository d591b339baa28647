import { createCipheriv, createDecipheriv } from 'node:crypto';

// The file: eight bytes that say what it is, a nonce, the ciphertext, the tag (NIST SP 800-38D). The tag stands at the
// end, so that whoever decrypts must not use anything before the last part came without an error.
const magic = Buffer.from('SSBACK01', 'latin1');
const nonceBytes = 12;
const tagBytes = 16;
/** What one nonce may encrypt (SP 800-38D §5.2.1.1). */
const mostBytes = 2 ** 36 - 32;

export type BackupKey = Uint8Array;

/** A key of 64 hexadecimal digits, as `openssl rand -hex 32` writes one; undefined where the text is none. */
export function readBackupKey(text: string): BackupKey | undefined {
  const digits = text.trim();
  return /^[0-9a-fA-F]{64}$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

export async function* encrypted(parts: AsyncIterable<unknown>, key: BackupKey, nonce: Uint8Array): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(magic);
  yield Buffer.concat([magic, nonce]);
  let bytes = 0;
  for await (const part of parts) {
    if (!(part instanceof Uint8Array)) continue;
    bytes += part.length;
    if (bytes > mostBytes) throw new Error('it is larger than 64 GiB, which one key and nonce may not encrypt');
    yield cipher.update(part);
  }
  yield Buffer.concat([cipher.final(), cipher.getAuthTag()]);
}

/** Throws at its end where the key is another or the file was changed: nothing that came before may be used then. */
export async function* decrypted(parts: AsyncIterable<Uint8Array>, key: BackupKey): AsyncGenerator<Uint8Array> {
  let decipher: ReturnType<typeof decipherOf> | undefined;
  let held: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    held = Buffer.concat([held, part]);
    if (decipher === undefined && held.length >= magic.length + nonceBytes) {
      decipher = decipherOf(held.subarray(0, magic.length + nonceBytes), key);
      held = held.subarray(magic.length + nonceBytes);
    }
    if (decipher === undefined || held.length <= tagBytes) continue;
    // The last bytes may be the tag.
    yield decipher.update(held.subarray(0, held.length - tagBytes));
    held = Buffer.from(held.subarray(held.length - tagBytes));
  }
  if (decipher === undefined || held.length < tagBytes) throw new Error('it ends before its beginning is complete');
  decipher.setAuthTag(held);
  yield decipher.final();
}

function decipherOf(head: Buffer, key: BackupKey) {
  if (!head.subarray(0, magic.length).equals(magic)) throw new Error('it is no encrypted backup of Second Source');
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(magic.length));
  decipher.setAAD(magic);
  return decipher;
}
