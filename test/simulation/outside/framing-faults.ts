import type { EngineFault } from './engine-fault.ts';
import { afterHead, both, cut, harmless, inContent, late, lost, malformed, streamOnly } from './fault-tools.ts';
import { data, error, properEnd, textOf } from './wire-act.ts';

/** Fault catalogue C and D: framing and time. */
export const framingFaults: readonly EngineFault[] = [
  { number: 29, name: 'a content length that is too long', modes: both, positions: afterHead, ...lost, apply: cut(error('HTTP_CLOSED_EARLY')) },
  { number: 30, name: 'a content length that is too short', modes: ['whole'], positions: ['middle'], ...malformed, apply: cut(properEnd) },
  { number: 32, name: 'a bad chunk size', modes: both, positions: afterHead, ...malformed, apply: cut(error('HTTP_RESPONSE_MALFORMED')) },
  {
    number: 33,
    name: 'garbage after [DONE]',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    apply: (acts) => [...acts.slice(0, -1), error('HTTP_RESPONSE_MALFORMED')],
  },
  {
    number: 35,
    name: 'a gzip body although identity was asked for',
    modes: both,
    positions: ['S2'],
    ...malformed,
    apply: (acts) =>
      acts.map((act) => {
        if (act.kind === 'head') return { ...act, headers: { ...act.headers, 'content-encoding': 'gzip' } };
        return act.kind === 'data' ? data(act.part, Uint8Array.of(31, 139, 8, 0, 0, 0, 0, 0), act.tokens) : act;
      }),
  },
  { number: 38, name: 'FIN inside the chunked body', modes: both, positions: afterHead, ...lost, apply: cut(error('HTTP_CLOSED_EARLY')) },
  { number: 39, name: 'RST inside the chunked body', modes: both, positions: afterHead, ...lost, apply: cut(error('ECONNRESET')) },
  {
    number: 40,
    name: 'a body that ends with its connection, cut',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...lost,
    // Before any content it is an empty answer, properly ended.
    code: 'upstream_empty_response',
    apply: cut(properEnd),
  },
  { number: 42, name: 'no response at all', modes: streamOnly, positions: ['S1'], ...late, apply: (acts, at) => acts.slice(0, at) },
  { number: 43, name: 'silence after the head', modes: streamOnly, positions: ['S2'], ...late, apply: (acts, at) => acts.slice(0, at) },
  // An answer in one piece is silent while it is computed: only the time of the whole request bounds it.
  {
    number: 42,
    name: 'no response to a whole answer',
    modes: ['whole'],
    positions: ['S1'],
    ...late,
    before: 'told',
    apply: (acts, at) => acts.slice(0, at),
  },
  {
    number: 43,
    name: 'silence in a whole answer',
    modes: ['whole'],
    positions: ['S2', 'middle'],
    ...late,
    before: 'told',
    apply: (acts, at) => acts.slice(0, at),
  },
  {
    number: 44,
    name: 'comments instead of tokens',
    modes: streamOnly,
    positions: ['S2', 'first token', 'middle', 'tool-call middle'],
    ...late,
    apply: (acts, at) => [...acts.slice(0, at), ...Array.from({ length: 200 }, () => ({ ...data('content', ': processing\n\n'), waitMs: 400 }))],
  },
  { number: 45, name: 'a stall', modes: streamOnly, positions: inContent, ...late, apply: (acts, at) => acts.slice(0, at) },
  {
    number: 46,
    name: 'a byte a second',
    modes: streamOnly,
    positions: inContent,
    ...late,
    apply: (acts, at) => [
      ...acts.slice(0, at),
      ...[...acts.slice(at).map(textOf).join('')].slice(0, 60).map((text) => ({ ...data('content', text), waitMs: 1000 })),
    ],
  },
  {
    number: 48,
    name: 'late tokens after a stall',
    modes: streamOnly,
    positions: inContent,
    ...late,
    apply: (acts, at) => acts.map((act, index) => (index === at ? { ...act, waitMs: 5040 } : act)),
  },
  // The catalogue would make the end good; the design asks for proof, and where they differ the design holds (decision 3).
  { number: 49, name: 'silence after the finish reason', modes: streamOnly, positions: ['S4'], ...late, apply: (acts, at) => acts.slice(0, at) },
];
