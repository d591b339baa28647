import type { EngineDialect, Part } from './engine-dialect.ts';
import type { CountedAnswer } from './counted-answer.ts';

/** One thing that happens on a connection to an engine. A list that ends with neither end nor error goes silent. */
export type WireAct =
  | {
      readonly kind: 'head';
      readonly part: Part;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly waitMs?: number;
    }
  /** `tokens`: how many tokens the engine has computed by sending this. */
  | { readonly kind: 'data'; readonly part: Part; readonly bytes: Uint8Array; readonly tokens: number; readonly waitMs?: number }
  | { readonly kind: 'end'; readonly part: Part; readonly waitMs?: number }
  | { readonly kind: 'error'; readonly part: Part; readonly code: string; readonly waitMs?: number };

const encoder = new TextEncoder();

export const streamHead: WireAct = { kind: 'head', part: 'head', status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } };
export const jsonHead: WireAct = { kind: 'head', part: 'head', status: 200, headers: { 'content-type': 'application/json' } };
export const properEnd: WireAct = { kind: 'end', part: 'end' };

export function data(part: Part, text: string | Uint8Array, tokens = 0): Extract<WireAct, { kind: 'data' }> {
  return { kind: 'data', part, bytes: typeof text === 'string' ? encoder.encode(text) : text, tokens };
}

export function error(code: string): WireAct {
  return { kind: 'error', part: 'end', code };
}

export function textOf(act: WireAct | undefined): string {
  return act?.kind === 'data' ? new TextDecoder().decode(act.bytes) : '';
}

/** What a healthy engine does. */
export function healthyActs(dialect: EngineDialect, answer: CountedAnswer, stream: 'whole' | 'stream' | 'stream without usage'): readonly WireAct[] {
  if (stream !== 'whole') {
    const frames = dialect.stream(answer).filter(({ part }) => part !== 'usage' || stream === 'stream');
    return [streamHead, ...frames.map(({ part, text, tokens }) => data(part, text, tokens)), properEnd];
  }
  const whole = dialect.whole(answer);
  const half = Math.floor(whole.length / 2);
  const tokens = answer.last - answer.first + 1;
  return [jsonHead, data('body', whole.slice(0, half), tokens), data('body', whole.slice(half)), properEnd];
}

/** A place in a response, by the state of the client's request (fault catalogue §0). */
export type Position = 'S1' | 'S2' | 'first token' | 'middle' | 'tool-call middle' | 'S4';

/** The index of the act before which a fault at this position happens; undefined where the response has no such place. */
export function indexOfPosition(acts: readonly WireAct[], position: Position): number | undefined {
  const contents = acts.flatMap(({ part }, index) => (part === 'content' || part === 'tool' || part === 'body' ? [index] : []));
  const [first] = contents;
  const finish = acts.findIndex(({ part }) => part === 'finish');
  switch (position) {
    case 'S1':
      return 0;
    case 'S2':
      return first;
    case 'first token':
      return first === undefined || acts[first]?.part !== 'content' ? undefined : first + 1;
    case 'middle':
      return acts[first ?? -1]?.part === 'tool' ? undefined : contents[contents.length >> 1];
    case 'tool-call middle':
      return acts[first ?? -1]?.part === 'content' ? undefined : contents[contents.length >> 1];
    case 'S4':
      return finish < 0 ? undefined : finish + 1;
  }
}
