import type { ServerResponse } from '../http/server-response.ts';

/** Sends a file part by part, no faster than it is read. What fails in the middle must not look whole: the caller resets. */
export async function sendParts(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  parts: AsyncIterable<Uint8Array>,
): Promise<void> {
  let drained = (): void => {};
  response.onDrain(() => drained());
  response.onOver(() => drained());
  response.begin(200, { 'cache-control': 'no-store', ...headers });
  for await (const part of parts) {
    if (response.isOver) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    drained = resolve;
    if (!response.write(part)) await promise;
  }
  response.end();
}
