/** One event of this gateway is far smaller; a larger one is a fault, and unbounded memory would be another. */
const largestEventCharacters = 1_048_576;

export type SseResult = { readonly kind: 'events'; readonly data: readonly string[] } | { readonly kind: 'too-large' };

/**
 * Decodes a text/event-stream, in pieces as they arrive, into the `data` of its events (WHATWG HTML §9.2.6).
 * An event without the blank line that ends it is never given out, so a cut line cannot pass for a whole one.
 */
export class SseLines {
  #pending = '';
  #data: string[] = [];
  #dataCharacters = 0;
  #atStart = true;

  push(text: string): SseResult {
    let buffer = this.#pending + text;
    if (this.#atStart && buffer !== '') {
      this.#atStart = false;
      if (buffer.startsWith('\uFEFF')) buffer = buffer.slice(1);
    }
    // A final CR may be the first half of a CRLF, so it is held back until the next piece tells.
    const lines = buffer.split(/\r\n|\n|\r(?!$)/);
    this.#pending = lines.pop() ?? '';
    const events: string[] = [];
    for (const line of lines) {
      if (line === '') this.#dispatch(events);
      else this.#take(line);
    }
    if (this.#pending.length + this.#dataCharacters > largestEventCharacters) return { kind: 'too-large' };
    return { kind: 'events', data: events };
  }

  #dispatch(events: string[]): void {
    if (this.#data.length > 0) events.push(this.#data.join('\n'));
    this.#data = [];
    this.#dataCharacters = 0;
  }

  #take(line: string): void {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    if (field !== 'data') return;
    const value = colon === -1 ? '' : line.slice(colon + 1);
    const data = value.startsWith(' ') ? value.slice(1) : value;
    this.#data.push(data);
    this.#dataCharacters += data.length;
  }
}
