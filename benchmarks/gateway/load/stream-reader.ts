import { pieceText } from '../mock-answers.ts';

const contentMark = '"content":"w';

/** One stream as its client sees it: counted while it runs, judged when it has ended. */
export class StreamReader {
  readonly #dueMs: number;
  readonly #everyMs: number;
  #text = '';
  #lastMs = 0;
  #chunks = 0;
  #ttftMs = Number.NaN;
  #stallMs = 0;

  constructor(dueMs: number, everyMs: number) {
    this.#dueMs = dueMs;
    this.#everyMs = everyMs;
  }

  get chunks(): number {
    return this.#chunks;
  }

  /** From when it was due to be opened to its first content. */
  get ttftMs(): number {
    return this.#ttftMs;
  }

  get stallMs(): number {
    return this.#stallMs;
  }

  heard(text: string): void {
    this.#text += text;
    let found = 0;
    for (let at = text.indexOf(contentMark); at >= 0; at = text.indexOf(contentMark, at + contentMark.length)) found += 1;
    if (found === 0) return;
    const nowMs = performance.now();
    if (this.#chunks === 0) this.#ttftMs = nowMs - this.#dueMs;
    else this.#stallMs = Math.max(this.#stallMs, nowMs - this.#lastMs - this.#everyMs);
    this.#lastMs = nowMs;
    this.#chunks += found;
  }

  /** Says what is wrong with the whole stream, or nothing. */
  fault(chunks: number): string | undefined {
    const events = dechunk(this.#text)
      .split('\n\n')
      .map((event) =>
        event
          .split('\n')
          .filter((line) => line.startsWith('data: '))
          .join(''),
      )
      .filter((data) => data !== '');
    if (events.at(-1) !== 'data: [DONE]') return 'a stream without [DONE] at its end';
    let said = '';
    let finished = false;
    for (const event of events.slice(0, -1)) {
      const parsed: { readonly choices?: readonly { readonly delta?: { readonly content?: string }; readonly finish_reason?: string | null }[] } =
        JSON.parse(event.slice(6));
      said += parsed.choices?.[0]?.delta?.content ?? '';
      finished ||= parsed.choices?.[0]?.finish_reason === 'stop';
    }
    if (!finished) return 'a stream without a finish reason';
    for (let index = 0; index < chunks; index += 1) {
      if (said.slice(index * 7, index * 7 + 7) !== pieceText(index)) return `a stream whose text is wrong at chunk ${index} of ${chunks}`;
    }
    return said.length === chunks * 7 ? undefined : 'a stream with more text than was sent';
  }
}

function dechunk(answer: string): string {
  let body = '';
  let at = answer.indexOf('\r\n\r\n') + 4;
  for (;;) {
    const lineEnd = answer.indexOf('\r\n', at);
    const size = Number.parseInt(answer.slice(at, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size) || size === 0) return body;
    body += answer.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
