import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Files up to this size are hashed whole; of larger ones the ends and the size, since a hash of 40 GB takes minutes. */
const wholeBytes = 256 * 1024 * 1024;
const endBytes = 16 * 1024 * 1024;

/** Names the weights in a model file, so that two endpoints can be seen to hold the same ones. */
export async function weightsIdentity(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256');
    const add = async (from: number, length: number): Promise<void> => {
      const buffer = Buffer.alloc(Math.min(length, 1024 * 1024));
      for (let at = from; at < from + length;) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, from + length - at), at);
        if (bytesRead === 0) return;
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
    };
    if (size <= wholeBytes) {
      await add(0, size);
      return `sha256:${hash.digest('hex')}`;
    }
    await add(0, endBytes);
    await add(size - endBytes, endBytes);
    return `sha256-ends:${size}:${hash.digest('hex')}`;
  } finally {
    await file.close();
  }
}
