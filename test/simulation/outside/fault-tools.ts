import { data, properEnd, textOf, type Position, type WireAct } from './wire-act.ts';

/** What happens on a connection, in order. */
export type Acts = readonly WireAct[];

export const afterHead: readonly Position[] = ['S2', 'first token', 'middle', 'tool-call middle', 'S4'];
export const inContent: readonly Position[] = ['first token', 'middle', 'tool-call middle'];
export const both = ['stream', 'whole'] as const;
export const streamOnly = ['stream'] as const;

export const lost = { before: 'fail over', after: 'continue', status: 502, code: 'upstream_error', codeInStream: 'upstream_stream_error' } as const;
export const malformed = { ...lost, code: 'upstream_malformed' } as const;
export const late = { ...lost, status: 504, code: 'upstream_timeout', codeInStream: 'upstream_timeout' } as const;
export const harmless = { ...lost, before: 'harmless', after: 'harmless' } as const;

export function cut(by: WireAct): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), by];
}

export function insert(...pieces: readonly string[]): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), ...pieces.map((text) => data('content', text)), ...acts.slice(at)];
}

export function cutAfter(...pieces: readonly string[]): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), ...pieces.map((text) => data('content', text)), properEnd];
}

/** Changes the text of one event, or of the piece of a body, at the fault's place. */
export function rewrite(change: (text: string) => string): (acts: Acts, at: number) => Acts {
  return (acts, at) => acts.map((act, index) => (index === at && act.kind === 'data' ? { ...data(act.part, change(textOf(act)), act.tokens) } : act));
}
