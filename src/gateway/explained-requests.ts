import type { Explanation } from '../policy/choice/explain-choice.ts';

/** The choices that one request led to: one for each time that somebody was looked for. */
export interface ExplainedRequest {
  readonly requestId: string;
  readonly atWallMs: number;
  readonly choices: readonly Explanation[];
}

const mostRequests = 256;
const mostChoices = 16;

/** The latest requests that asked to be explained. Nothing is kept of any other. */
export class ExplainedRequests {
  readonly #kept = new Map<string, { readonly requestId: string; readonly atWallMs: number; readonly choices: Explanation[] }>();

  add(requestId: string, explanation: Explanation, atWallMs: number): void {
    const known = this.#kept.get(requestId);
    if (known !== undefined) {
      if (known.choices.length < mostChoices) known.choices.push(explanation);
      return;
    }
    this.#kept.set(requestId, { requestId, atWallMs, choices: [explanation] });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostRequests && oldest !== undefined) this.#kept.delete(oldest);
  }

  get(requestId: string): ExplainedRequest | undefined {
    return this.#kept.get(requestId);
  }
}
