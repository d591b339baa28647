import { isRecord } from '../../std/is-record.ts';
import { SseDecoder } from '../../protocol/decode-sse.ts';
import type { Clock } from '../../std/clock.ts';
import type { Tokens } from './real-check.ts';

export interface AskedCall {
  readonly name: string;
  readonly args: string;
}

/** What one request through the gateway came to. */
export interface AskedAnswer {
  readonly status: number;
  readonly tookMs: number;
  /** The code of the error, in the answer or in the stream. */
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly AskedCall[];
  readonly reasons: readonly string[];
  readonly usage: Tokens | undefined;
  readonly usageSource: 'told' | 'none';
  readonly done: boolean;
  readonly pieces: number;
}

export type Ask = (body: Readonly<Record<string, unknown>>, until?: 'end' | 'first content') => Promise<AskedAnswer>;

const eventBytes = 4 * 1024 * 1024;

/** Asks the gateway, which asks the real endpoint. The gateway's own limits of time bound it. */
export function askGateway(url: string, clock: Clock): Ask {
  return async (body, until = 'end') => {
    const startedMs = clock.nowMs();
    const leave = new AbortController();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: leave.signal,
    });
    const reader = new AnswerReader(response.status);
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true || response.body === null) {
      reader.whole(await response.json().catch(() => undefined));
      return reader.answer(clock.nowMs() - startedMs);
    }
    try {
      for await (const part of response.body) {
        reader.push(part);
        if (until === 'first content' && reader.begun) break;
      }
    } catch {
      // A reset after an error event: the event was read.
    }
    leave.abort();
    return reader.answer(clock.nowMs() - startedMs);
  };
}

/** Gathers what the answer says, whole or piece by piece. */
class AnswerReader {
  readonly #status: number;
  readonly #decoder = new SseDecoder({ lineBytes: eventBytes, eventBytes });
  readonly #calls: { name: string; args: string }[] = [];
  readonly #reasons: string[] = [];
  #text = '';
  #reasoning = '';
  #error: Record<string, unknown> | undefined;
  #usage: Tokens | undefined;
  #done = false;
  #pieces = 0;

  constructor(status: number) {
    this.#status = status;
  }

  get begun(): boolean {
    return this.#pieces > 0;
  }

  push(bytes: Uint8Array): void {
    const events = this.#decoder.push(bytes);
    for (const event of events.ok ? events.value : []) {
      if (event.kind !== 'event') continue;
      if (event.data === '[DONE]') this.#done = true;
      else this.whole(JSON.parse(event.data));
    }
  }

  whole(json: unknown): void {
    if (!isRecord(json)) return;
    if (isRecord(json['error'])) this.#error = json['error'];
    const usage = json['usage'];
    if (isRecord(usage)) this.#usage = { input: Number(usage['prompt_tokens']), output: Number(usage['completion_tokens']) };
    for (const choice of Array.isArray(json['choices']) ? json['choices'] : []) {
      if (!isRecord(choice)) continue;
      if (typeof choice['finish_reason'] === 'string') this.#reasons.push(choice['finish_reason']);
      const said = choice['delta'] ?? choice['message'];
      if (isRecord(said)) this.#said(said);
    }
  }

  #said(said: Record<string, unknown>): void {
    const reasoning = said['reasoning_content'] ?? said['reasoning'];
    if (typeof said['content'] === 'string') this.#text += said['content'];
    if (typeof reasoning === 'string') this.#reasoning += reasoning;
    const calls: readonly unknown[] = Array.isArray(said['tool_calls']) ? said['tool_calls'] : [];
    for (const [at, call] of calls.entries())
      if (isRecord(call)) this.#call(typeof call['index'] === 'number' ? call['index'] : at, call['function']);
    if (said['content'] !== '' && said['content'] != null) this.#pieces += 1;
    else if (calls.length > 0 || reasoning != null) this.#pieces += 1;
  }

  #call(index: number, made: unknown): void {
    const call = (this.#calls[index] ??= { name: '', args: '' });
    if (!isRecord(made)) return;
    if (typeof made['name'] === 'string') call.name += made['name'];
    if (typeof made['arguments'] === 'string') call.args += made['arguments'];
  }

  answer(tookMs: number): AskedAnswer {
    const word = (name: string): string | undefined => {
      const value = this.#error?.[name];
      return typeof value === 'string' ? value : undefined;
    };
    return {
      status: this.#status,
      tookMs,
      code: word('code'),
      param: word('param'),
      text: this.#text,
      reasoning: this.#reasoning,
      calls: this.#calls,
      reasons: this.#reasons,
      usage: this.#usage,
      usageSource: this.#usage === undefined ? 'none' : 'told',
      done: this.#done,
      pieces: this.#pieces,
    };
  }
}
