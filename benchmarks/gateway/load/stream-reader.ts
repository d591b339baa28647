import { pieceText } from '../mock-answers.ts';

const contentMark = '"content":"';
const finishMark = '"finish_reason":"stop"';
const endMark = '[DONE]';
const pieceLength = pieceText(0).length;
/** An unfinished mark, or a piece that is not all there yet, is at most so long. */
const longestUnfinished = Math.max(contentMark.length + pieceLength, finishMark.length, endMark.length);

/**
 * One stream as its client sees it, judged as it comes. No text is kept: at 20,000 chunks a second what is kept is
 * copied about by the garbage collector, and the pauses for that would be measured as the gateway's.
 */
export class StreamReader {
  readonly #dueMs: number;
  readonly #everyMs: number;
  #rest = '';
  #lastMs = 0;
  #chunks = 0;
  #ttftMs = Number.NaN;
  #stallMs = 0;
  #finished = false;
  #done = false;
  #fault: string | undefined;

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

  heard(part: string): void {
    const text = this.#rest + part;
    const before = this.#chunks;
    let from = 0;
    for (let at = text.indexOf(contentMark); at >= 0; at = text.indexOf(contentMark, from)) {
      const start = at + contentMark.length;
      // The role comes with an empty content.
      if (text[start] === '"') {
        from = start;
        continue;
      }
      if (text.length < start + pieceLength) break;
      if (this.#done || text.slice(start, start + pieceLength) !== pieceText(this.#chunks))
        this.#fault ??= `a stream whose text is wrong at chunk ${this.#chunks}`;
      this.#chunks += 1;
      from = start + pieceLength;
    }
    this.#finished ||= text.includes(finishMark, from);
    this.#done ||= text.includes(endMark, from);
    // What ends with a line's end holds nothing unfinished.
    this.#rest = text.endsWith('\n') ? '' : text.slice(Math.max(from, text.length - longestUnfinished));
    if (this.#chunks > before) this.#note(before === 0);
  }

  #note(first: boolean): void {
    const nowMs = performance.now();
    if (first) this.#ttftMs = nowMs - this.#dueMs;
    else this.#stallMs = Math.max(this.#stallMs, nowMs - this.#lastMs - this.#everyMs);
    this.#lastMs = nowMs;
  }

  /** Says what is wrong with the whole stream, or nothing. */
  fault(chunks: number): string | undefined {
    if (this.#fault !== undefined) return this.#fault;
    if (this.#chunks !== chunks) return `a stream with ${this.#chunks} of ${chunks} chunks`;
    if (!this.#finished) return 'a stream without a finish reason';
    return this.#done ? undefined : 'a stream without [DONE]';
  }
}
