import type { Endpoint } from '../../src/fleet/endpoint.ts';
import type { Random } from '../../src/std/random.ts';
import type { Transport, UpstreamRequest, UpstreamSink } from '../../src/upstream/transport.ts';
import { chatChunks, completionChunks, promptTokenIds } from './numbered-answer.ts';
import { event } from './scripted-upstream.ts';
import type { VirtualClock } from './virtual-clock.ts';

const encoder = new TextEncoder();

/** What one simulated upstream call does, and after how many tokens. */
type Fate =
  | { readonly kind: 'answers' }
  | { readonly kind: 'refuses' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'cut' | 'ends-early' | 'stalls' | 'garbage' | 'error-then-done' | 'done-only'; readonly after: number };

const kinds = ['answers', 'answers', 'refuses', 'status', 'cut', 'cut', 'ends-early', 'stalls', 'garbage', 'error-then-done', 'done-only'] as const;

function drawFate(random: Random, totalTokens: number): Fate {
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'answers';
  if (kind === 'answers' || kind === 'refuses') return { kind };
  if (kind === 'status') return { kind, status: [401, 429, 500, 503, 529][Math.floor(random() * 5)] ?? 500 };
  return { kind, after: Math.floor(random() * (totalTokens + 1)) };
}

/** What an upstream computed, by its own account: the oracle of what may be billed. */
export interface SimulatedCall {
  readonly endpointId: string;
  readonly tokensSent: () => number;
}

/**
 * A network of engines that count, under virtual time, each call with a fate drawn from the seed. It splits what it
 * sends at random bytes, and goes on sending after an abort, as packets under way do; nobody may hear them.
 */
export function simulatedNetwork(
  clock: VirtualClock,
  random: Random,
  totalTokens: number,
  withIds: boolean,
): { transport: Transport; calls: SimulatedCall[] } {
  const calls: SimulatedCall[] = [];
  const transport: Transport = {
    send: (endpoint: Endpoint, request: UpstreamRequest, sink: UpstreamSink) => {
      let heard = true;
      let tokens = 0;
      calls.push({ endpointId: endpoint.id, tokensSent: () => tokens });
      const fate = drawFate(random, totalTokens);
      const steps: (() => void)[] = [];
      const say = (act: () => void): void => void steps.push(() => heard && act());
      const write = (text: string): void => {
        const bytes = encoder.encode(text);
        const at = Math.floor(random() * bytes.length);
        say(() => sink.onData(bytes.slice(0, at)));
        say(() => sink.onData(bytes.slice(at)));
      };
      if (fate.kind === 'refuses') say(() => sink.onError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })));
      else if (fate.kind === 'status') {
        say(() => sink.onHead(fate.status, { 'content-type': 'application/json' }));
        write('{"error":{"message":"no"}}');
        say(() => sink.onEnd());
      } else script(fate);

      function script(answering: Exclude<Fate, { kind: 'refuses' | 'status' }>): void {
        const chunks = request.path === '/completions' ? completionChunks : chatChunks(withIds);
        const first = firstToken(request);
        const last = answering.kind === 'answers' ? totalTokens : Math.min(totalTokens, first + answering.after - 1);
        say(() => sink.onHead(200, { 'content-type': 'text/event-stream' }));
        if (chunks.role !== '') write(chunks.role);
        for (let n = first; n <= last; n += 1) {
          steps.push(() => (tokens += 1));
          write(chunks.content(n));
        }
        if (answering.kind === 'answers') write(chunks.finish + chunks.usage(totalTokens - first + 1) + event('[DONE]'));
        if (answering.kind === 'garbage') write('data: {"choices":[\n\n');
        if (answering.kind === 'error-then-done') write(event('{"error":{"message":"core died"}}') + event('[DONE]'));
        if (answering.kind === 'done-only') write(event('[DONE]'));
        if (answering.kind === 'cut') say(() => sink.onError(Object.assign(new Error('reset'), { code: 'ECONNRESET' })));
        else if (answering.kind !== 'stalls') say(() => sink.onEnd());
      }

      const next = (): void => {
        const step = steps.shift();
        if (step === undefined) return;
        step();
        clock.after(random() * 40, next);
      };
      clock.after(random() * 20, next);
      return { abort: () => void (heard = false), pause: () => {}, resume: () => {} };
    },
  };
  return { transport, calls };
}

function firstToken(request: UpstreamRequest): number {
  const body: unknown = JSON.parse(new TextDecoder().decode(request.body));
  const prompt: unknown = typeof body === 'object' && body !== null && 'prompt' in body ? body.prompt : undefined;
  return Array.isArray(prompt) ? prompt.length - promptTokenIds.length + 1 : 1;
}
