import { event, usageOf } from './engine-dialect.ts';
import type { EngineFault, FaultContext } from './engine-fault.ts';
import { data, error, properEnd, textOf, type Position, type WireAct } from './wire-act.ts';

type Acts = readonly WireAct[];

const anywhere: readonly Position[] = ['S1', 'S2', 'first token', 'middle', 'tool-call middle', 'S4'];
const afterHead: readonly Position[] = ['S2', 'first token', 'middle', 'tool-call middle', 'S4'];
const inContent: readonly Position[] = ['first token', 'middle', 'tool-call middle'];
const both = ['stream', 'whole'] as const;
const streamOnly = ['stream'] as const;

const lost = { before: 'fail over', after: 'continue', status: 502, code: 'upstream_error', codeInStream: 'upstream_stream_error' } as const;
const malformed = { ...lost, code: 'upstream_malformed' } as const;
const late = { ...lost, status: 504, code: 'upstream_timeout', codeInStream: 'upstream_timeout' } as const;
const harmless = { ...lost, before: 'harmless', after: 'harmless' } as const;

function cut(by: WireAct): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), by];
}

function insert(...pieces: readonly string[]): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), ...pieces.map((text) => data('content', text)), ...acts.slice(at)];
}

function cutAfter(...pieces: readonly string[]): (acts: Acts, at: number) => Acts {
  return (acts, at) => [...acts.slice(0, at), ...pieces.map((text) => data('content', text)), properEnd];
}

/** Changes the text of one event, or of the piece of a body, at the fault's place. */
function rewrite(change: (text: string) => string): (acts: Acts, at: number) => Acts {
  return (acts, at) => acts.map((act, index) => (index === at && act.kind === 'data' ? { ...data(act.part, change(textOf(act)), act.tokens) } : act));
}

/** Fault catalogue C and D: framing and time. */
export const framingFaults: readonly EngineFault[] = [
  { number: 29, name: 'a content length that is too long', modes: both, positions: afterHead, ...lost, apply: cut(error('UND_ERR_SOCKET')) },
  { number: 30, name: 'a content length that is too short', modes: ['whole'], positions: ['middle'], ...malformed, apply: cut(properEnd) },
  { number: 32, name: 'a bad chunk size', modes: both, positions: afterHead, ...lost, apply: cut(error('HPE_INVALID_CHUNK_SIZE')) },
  {
    number: 33,
    name: 'garbage after [DONE]',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    apply: (acts) => [...acts.slice(0, -1), error('HPE_INVALID_CHUNK_SIZE')],
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
  { number: 38, name: 'FIN inside the chunked body', modes: both, positions: afterHead, ...lost, apply: cut(error('UND_ERR_SOCKET')) },
  { number: 39, name: 'RST inside the chunked body', modes: both, positions: anywhere, ...lost, apply: cut(error('ECONNRESET')) },
  {
    number: 40,
    name: 'a body that ends with its connection, cut',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...lost,
    apply: cut(properEnd),
  },
  { number: 42, name: 'no response at all', modes: both, positions: ['S1'], ...late, apply: (acts, at) => acts.slice(0, at) },
  { number: 43, name: 'silence after the head', modes: both, positions: ['S2'], ...late, apply: (acts, at) => acts.slice(0, at) },
  {
    number: 44,
    name: 'comments instead of tokens',
    modes: streamOnly,
    positions: ['S2', 'first token', 'middle', 'tool-call middle'],
    ...late,
    apply: (acts, at) => [...acts.slice(0, at), ...Array.from({ length: 200 }, () => ({ ...data('content', ': processing\n\n'), waitMs: 100 }))],
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

function core(code: unknown, type: string): string {
  return event({ error: { message: 'EngineCore died at vendor-internal.cloud', type, code } });
}

const blamed = { ...lost, before: 'told', after: 'honest', status: 400, code: 'invalid_request' } as const;

/** Fault catalogue E: the syntax of an event stream. */
export const syntaxFaults: readonly EngineFault[] = [
  {
    number: 50,
    name: 'a character split over two packets',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...harmless,
    seen: '"note":"é😀"',
    apply: splitCharacter,
  },
  {
    number: 51,
    name: 'lines that end in CR LF',
    modes: streamOnly,
    positions: ['S1'],
    ...harmless,
    apply: (acts) => acts.map((act) => (act.kind === 'data' ? data(act.part, textOf(act).replaceAll('\n', '\r\n'), act.tokens) : act)),
  },
  {
    number: 51,
    name: 'lines that end in CR, each packet with one',
    modes: streamOnly,
    positions: ['S1'],
    ...harmless,
    apply: (acts) => acts.map((act) => (act.kind === 'data' ? data(act.part, textOf(act).replaceAll('\n', '\r'), act.tokens) : act)),
  },
  {
    number: 52,
    name: 'a byte order mark, comments and unknown fields',
    modes: streamOnly,
    positions: ['S2'],
    ...harmless,
    apply: (acts, at) =>
      insert(': a comment\n\n', 'id: 7\nretry: soon\nunknown\n\n')(acts, at).map((act, index) =>
        index === 1 && act.kind === 'data' ? data(act.part, `\ufeff${textOf(act)}`, act.tokens) : act,
      ),
  },
  {
    number: 53,
    name: 'an event over the limit',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...lost,
    after: 'honest',
    code: 'upstream_event_too_large',
    apply: insert(`data: ${'x'.repeat(5000)}`),
  },
  { number: 54, name: 'an event without its blank line, then the end', modes: streamOnly, positions: afterHead, ...lost, apply: unfinishedEvent },
  { number: 55, name: 'malformed JSON', modes: streamOnly, positions: afterHead, ...malformed, apply: insert('data: {"choices":[{"ind\n\n') },
  { number: 55, name: 'a body that is no JSON', modes: ['whole'], positions: ['middle'], ...malformed, apply: rewrite((text) => `${text}}}`) },
  {
    number: 56,
    name: '[DONE] without its space',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    apply: (acts) => acts.map((act) => (act.part === 'done' ? data('done', 'data:[DONE]\n\n') : act)),
  },
  { number: 57, name: '[DONE] before any token', modes: streamOnly, positions: ['S2'], ...malformed, apply: cutAfter(event('[DONE]')) },
  {
    number: 58,
    name: 'events after [DONE]',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    unseen: 'after the end',
    apply: (acts) => [...acts.slice(0, -1), data('end', event({ choices: [{ index: 0, delta: { content: 'after the end' } }] })), properEnd],
  },
  { number: 59, name: 'no [DONE]', modes: streamOnly, positions: ['S4'], ...harmless, apply: (acts) => acts.filter(({ part }) => part !== 'done') },
  {
    number: 60,
    name: '[DONE] without a finish reason',
    modes: streamOnly,
    positions: inContent,
    ...malformed,
    apply: cutAfter(event('[DONE]')),
  },
  { number: 61, name: 'an error event', modes: streamOnly, positions: afterHead, ...lost, apply: cutAfter(core(500, 'server_error')) },
  {
    number: 61,
    name: 'an error event, [DONE] and a proper end',
    modes: streamOnly,
    positions: afterHead,
    ...lost,
    apply: cutAfter(core(500, 'server_error'), event('[DONE]')),
  },
  {
    number: 61,
    name: 'an event named error',
    modes: streamOnly,
    positions: afterHead,
    ...lost,
    apply: cutAfter(`event: error\n${core(503, 'overloaded_error')}`),
  },
  {
    number: 61,
    name: 'the finish reason error',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...lost,
    apply: cutAfter(event({ choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }), event('[DONE]')),
  },
  {
    number: 61,
    name: 'an error without choices in a 200',
    modes: ['whole'],
    positions: ['S2'],
    ...malformed,
    apply: (acts, at) => [...acts.slice(0, at), data('body', '{"choices":[],"error":{"message":"no"}}'), properEnd],
  },
  {
    number: 61,
    name: 'an error event that blames the request',
    modes: streamOnly,
    positions: afterHead,
    ...blamed,
    apply: cutAfter(core(400, 'invalid_request_error')),
  },
  {
    number: 64,
    name: 'the id, the model and the time change',
    modes: streamOnly,
    positions: inContent,
    ...harmless,
    apply: (acts, at) =>
      acts.map((act, index) =>
        index >= at && act.kind === 'data'
          ? data(
              act.part,
              textOf(act)
                .replace(/"(chatcmpl|cmpl)-/, '"$1-other-')
                .replace('"model":"up"', '"model":"up-2"'),
              act.tokens,
            )
          : act,
      ),
  },
];

function splitCharacter(acts: Acts, at: number): Acts {
  const act = acts[at];
  if (act?.kind !== 'data') return acts;
  const { bytes, part, tokens } = data(act.part, textOf(act).replace('"index":0', '"index":0,"note":"é😀"'), act.tokens);
  const middle = bytes.indexOf(0xf0) + 2;
  return [...acts.slice(0, at), data(part, bytes.slice(0, middle)), data(part, bytes.slice(middle), tokens), ...acts.slice(at + 1)];
}

function unfinishedEvent(acts: Acts, at: number): Acts {
  return [...acts.slice(0, at), data('content', textOf(acts[at]).trimEnd()), properEnd];
}

function withUsage(change: (context: FaultContext) => unknown): EngineFault['apply'] {
  return (acts, _at, context) =>
    acts.map((act) => (act.part === 'usage' || (act.part === 'body' && textOf(act).includes('"usage"')) ? replaceUsage(act, change(context)) : act));
}

function replaceUsage(act: WireAct, usage: unknown): WireAct {
  return act.kind === 'data' ? data(act.part, textOf(act).replace(/"usage":\{[^}]*\}/, `"usage":${JSON.stringify(usage)}`), act.tokens) : act;
}

/** Fault catalogue F: answers that are well formed and mean something odd. */
export const meaningFaults: readonly EngineFault[] = [
  {
    number: 65,
    name: 'no choices, then the end',
    modes: both,
    positions: ['S2'],
    ...lost,
    code: 'upstream_empty_response',
    apply: (acts, at) =>
      acts.some(({ part }) => part === 'body')
        ? [...acts.slice(0, at), data('body', '{"choices":[]}'), properEnd]
        : [...acts.slice(0, at), data('content', event({ choices: [] })), data('done', event('[DONE]')), properEnd],
  },
  { number: 67, name: 'no usage', modes: streamOnly, positions: ['S4'], ...harmless, apply: (acts) => acts.filter(({ part }) => part !== 'usage') },
  { number: 68, name: 'usage of null', modes: streamOnly, positions: ['S4'], ...harmless, apply: withUsage(() => null) },
  {
    number: 68,
    name: 'negative usage',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    apply: withUsage(() => ({ prompt_tokens: 3, completion_tokens: -5, total_tokens: -2 })),
  },
  {
    number: 68,
    name: 'usage as text',
    modes: streamOnly,
    positions: ['S4'],
    ...harmless,
    apply: withUsage(() => ({ prompt_tokens: '3', completion_tokens: '5', total_tokens: '8' })),
  },
  {
    number: 68,
    name: 'usage in every chunk',
    modes: streamOnly,
    positions: ['S2'],
    ...harmless,
    apply: (acts, _at, { answer }) => {
      let made = 0;
      return acts.map((act) => {
        if (act.kind !== 'data' || (act.part !== 'content' && act.part !== 'tool')) return act;
        made += act.tokens;
        const usage = { ...usageOf(answer), completion_tokens: made, total_tokens: answer.promptTokens + made };
        return data(
          act.part,
          textOf(act)
            .replace(',"usage":null', '')
            .replace('"model":"up"', `"model":"up","usage":${JSON.stringify(usage)}`),
          act.tokens,
        );
      });
    },
  },
  {
    number: 70,
    name: 'tool-call arguments that end too early',
    modes: streamOnly,
    positions: ['tool-call middle'],
    ...lost,
    after: 'honest',
    apply: (acts, at) => [
      ...acts.slice(0, at),
      // The engine has computed them all, and says so; only their text got lost.
      ...acts.slice(at).map((act) => (act.kind === 'data' && act.part === 'tool' ? data('tool', ': lost\n\n', act.tokens) : act)),
    ],
  },
  {
    number: 73,
    name: 'the finish reason content_filter',
    modes: both,
    positions: ['S4'],
    ...harmless,
    seen: '"finish_reason":"content_filter"',
    apply: (acts) =>
      acts.map((act) =>
        act.kind === 'data' ? data(act.part, textOf(act).replace(/"finish_reason":"[a-z_]+"/, '"finish_reason":"content_filter"'), act.tokens) : act,
      ),
  },
  {
    number: 74,
    name: 'NaN in a chunk',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...malformed,
    apply: insert(event('{"choices":[{"index":0,"delta":{},"logprobs":{"content":[{"logprob":NaN}]},"finish_reason":null}]}')),
  },
  {
    number: 75,
    name: 'numbers that no double holds',
    modes: both,
    positions: ['S2'],
    ...harmless,
    seen: '"big":12345678901234567890,"small":1.0',
    apply: (acts) =>
      acts.map((act) =>
        act.kind === 'data'
          ? data(act.part, textOf(act).replace('"model":"up"', '"model":"up","big":12345678901234567890,"small":1.0'), act.tokens)
          : act,
      ),
  },
];
