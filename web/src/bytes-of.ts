/** The pieces of a body as they arrive. Written out because Safari cannot iterate over a ReadableStream. */
export async function* bytesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, void> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops reading early wants no more of it; a body that failed already has nothing to cancel.
    reader.cancel().catch(() => undefined);
  }
}
