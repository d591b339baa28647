import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { SseDecoder, type SseEvent } from '../protocol/decode-sse.ts';
import { readChunk } from '../protocol/read-chunk.ts';
import type { Clock } from '../std/clock.ts';
import type { AnswerPacer, Arrival } from './answer-pacer.ts';
import { breakConnection } from './break-connection.ts';
import { responseFields } from './engine-client.ts';
import type { EmulatorFault, FaultSwitch } from './emulator-fault.ts';
import type { HoldMeter } from './hold-report.ts';

export interface AnswerRelay {
  readonly response: ServerResponse;
  readonly pacer: AnswerPacer;
  readonly faults: FaultSwitch;
  readonly meter: HoldMeter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What vLLM 0.32 sends when its engine core dies in the middle of an answer (recorded on 2026-11-24). */
export const engineDeathEvents =
  'data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", "type": "InternalServerError", "param": null, "code": 500}}\n\ndata: [DONE]\n\n';

/** An event whose data stops in the middle of a JSON text. */
export const garbageEvent = 'data: {"id":"chatcmpl-emulated","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\n\n';

/** Engines send events of some hundred bytes; usage and log probabilities may be longer. */
const eventLimits = { lineBytes: 1_048_576, eventBytes: 1_048_576 } as const;

/** Passes a stream of events on as they came, each when it is due. */
export async function relayStream(relay: AnswerRelay, upstream: Dispatcher.ResponseData): Promise<void> {
  const { response, pacer, meter, signal } = relay;
  const output = new PacedOutput(relay);
  openStream(relay, upstream);
  const decoder = new SseDecoder(eventLimits);
  let askedMs = relay.clock.nowMs();
  for await (const bytes of readBytes(upstream.body)) {
    const arrivedMs = relay.clock.nowMs();
    const decoded = decoder.push(bytes);
    if (!decoded.ok) break;
    for (const event of decoded.value) {
      if ((await output.pass(event, { arrivedMs, waitedMs: arrivedMs - askedMs })) === 'ended') return;
    }
    askedMs = relay.clock.nowMs();
  }
  if (signal.aborted) return;
  if (decoder.push(new Uint8Array(0)).ok && !decoder.hasPartialEvent) {
    response.end();
    pacer.finish();
    return;
  }
  meter.engineFailed();
  breakConnection(response, 'rst');
}

/** undici types its body as `Readable`, whose chunks are `any`; without an encoding they are bytes. */
async function* readBytes(body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) if (chunk instanceof Uint8Array) yield chunk;
}

function openStream(relay: AnswerRelay, upstream: Dispatcher.ResponseData): void {
  const { response } = relay;
  const fault = relay.faults.current();
  const headers = responseFields(upstream.headers);
  // A fault may change how much is sent.
  delete headers['content-length'];
  if (fault?.kind === 'cut' && fault.framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    headers['connection'] = 'close';
  }
  response.writeHead(upstream.statusCode, headers);
  response.flushHeaders();
}

/** Writes the events of one stream when they are due, and breaks it where a fault says so. */
class PacedOutput {
  readonly #relay: AnswerRelay;
  #garbled = false;
  #flushed: Promise<void> = Promise.resolve();
  readonly #aborted: Promise<void>;

  constructor(relay: AnswerRelay) {
    this.#relay = relay;
    this.#aborted = aborted(relay.signal);
  }

  async pass(event: SseEvent, arrival: Arrival): Promise<'passed' | 'ended'> {
    const { pacer, signal } = this.#relay;
    const sent = pacer.tokens;
    const tokens = event.kind === 'event' ? countTokens(event.data, pacer) : 0;
    // A comment keeps the connection alive and would be pointless if it were held back.
    if (event.kind === 'event') await pacer.until(tokens, arrival);
    if (signal.aborted) return 'ended';
    const fault = await standingFault(this.#relay, (candidate) => sent >= candidate.afterTokens || sent + tokens > candidate.afterTokens);
    if (signal.aborted) return 'ended';
    if (fault === undefined || (fault.kind === 'garbage' && this.#garbled)) await this.#write(event.raw);
    else return this.#break(fault);
    return 'passed';
  }

  async #break(fault: BreakingFault): Promise<'passed' | 'ended'> {
    const { response, pacer } = this.#relay;
    pacer.disturb();
    if (fault.kind === 'garbage') {
      this.#garbled = true;
      await this.#write(Buffer.from(garbageEvent));
      return 'passed';
    }
    if (fault.kind === 'error-event') {
      response.end(engineDeathEvents);
      return 'ended';
    }
    // A reset throws away what the kernel has not yet got, and so many tokens were to arrive.
    await Promise.race([this.#flushed, this.#aborted]);
    breakConnection(response, fault.ending);
    return 'ended';
  }

  /** Waits only for a client that lags: then at most one event lies above the socket's own buffer. */
  async #write(bytes: Uint8Array): Promise<void> {
    const { response, pacer } = this.#relay;
    this.#flushed = new Promise((resolve) => {
      if (!response.write(bytes, () => resolve())) pacer.clientHeldUp();
    });
    if (response.writableNeedDrain) await Promise.race([this.#flushed, this.#aborted]);
  }
}

/** Counts by token ids where there are any (chunks are not tokens), else a chunk with content as one. */
function countTokens(data: string, pacer: AnswerPacer): number {
  const item = readChunk(data);
  if (item.kind !== 'chunk') return 0;
  const promptTokens = item.promptTokenIds?.length ?? item.usage?.inputTokens;
  if (promptTokens !== undefined) pacer.learnPrompt(promptTokens);
  return item.tokenIds?.length ?? (item.contentful ? 1 : 0);
}

type CountedFault = Extract<EmulatorFault, { afterTokens: number }>;
export type BreakingFault = Exclude<CountedFault, { kind: 'stall' }>;

/** The fault that strikes now; a stall is waited out until it is taken back, replaced, or the request aborted. */
export async function standingFault(relay: AnswerRelay, strikes: (fault: CountedFault) => boolean): Promise<BreakingFault | undefined> {
  const { faults, signal, pacer } = relay;
  for (;;) {
    const fault = faults.current();
    if (signal.aborted || fault === undefined || !('afterTokens' in fault) || !strikes(fault)) return undefined;
    if (fault.kind !== 'stall') return fault;
    pacer.disturb();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stopListening();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stopListening = faults.onChange(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
