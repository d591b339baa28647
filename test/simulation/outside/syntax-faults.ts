import { event } from './engine-dialect.ts';
import type { EngineFault } from './engine-fault.ts';
import { afterHead, cutAfter, harmless, inContent, insert, lost, malformed, rewrite, streamOnly, type Acts } from './fault-tools.ts';
import { data, properEnd, textOf } from './wire-act.ts';

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
    // The catalogue would end the answer here; what was released before is exact, and the design lets that be continued.
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
  {
    number: 57,
    name: '[DONE] before any token',
    modes: streamOnly,
    positions: ['S2'],
    ...lost,
    code: 'upstream_empty_response',
    apply: cutAfter(event('[DONE]')),
  },
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
    status: 503,
    code: 'overloaded',
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
    name: 'a choice that was not asked for',
    modes: streamOnly,
    positions: afterHead.slice(0, -1),
    ...malformed,
    // As above: the catalogue would end the answer here.
    apply: insert(event({ choices: [{ index: 5, delta: { content: 'whose?' }, finish_reason: null }] })),
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
