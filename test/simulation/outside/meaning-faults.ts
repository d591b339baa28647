import type { CountedAnswer } from './counted-answer.ts';
import { event, usageOf } from './engine-dialect.ts';
import type { EngineFault, FaultContext } from './engine-fault.ts';
import { afterHead, both, harmless, insert, lost, malformed, streamOnly, type Acts } from './fault-tools.ts';
import { data, properEnd, textOf, type WireAct } from './wire-act.ts';

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
  {
    number: 66,
    name: 'an empty answer that stops',
    modes: streamOnly,
    positions: ['S2'],
    ...harmless,
    tokens: () => 0,
    apply: (acts, _at, { answer }) => withoutTokens(acts, answer, 0),
  },
  { number: 69, name: 'usage for those only who ask for it', modes: both, positions: ['S1'], ...harmless, apply: (acts) => acts },
  { number: 67, name: 'no usage', modes: streamOnly, positions: ['S4'], ...harmless, apply: (acts) => acts.filter(({ part }) => part !== 'usage') },
  { number: 68, name: 'usage of null', modes: streamOnly, positions: ['S4'], ...harmless, apply: withUsage(() => null) },
  {
    number: 68,
    name: 'negative usage',
    modes: both,
    positions: ['S2', 'S4'],
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
    number: 70,
    name: 'a whole tool call whose arguments end too early',
    modes: ['whole'],
    positions: ['tool-call middle'],
    ...lost,
    code: 'upstream_tool_call_invalid',
    apply: (acts) => oneBody(acts, (text) => text.replace(/>\\"\}"/, '>"')),
  },
  {
    number: 71,
    name: 'parts of a tool call without their index',
    modes: streamOnly,
    positions: ['tool-call middle'],
    ...harmless,
    apply: (acts) =>
      acts.map((act) =>
        act.kind === 'data' && act.part === 'tool'
          ? data('tool', textOf(act).replace('"tool_calls":[{"index":0,', '"tool_calls":[{'), act.tokens)
          : act,
      ),
  },
  {
    number: 72,
    name: 'the finish reason length before any limit',
    modes: streamOnly,
    positions: ['middle'],
    ...harmless,
    tokens: (total) => total - 2,
    apply: (acts, _at, { answer }) =>
      withoutTokens(acts, answer, answer.total - 2).map((act) =>
        act.kind === 'data' ? data(act.part, textOf(act).replace('"finish_reason":"stop"', '"finish_reason":"length"'), act.tokens) : act,
      ),
  },
  {
    number: 73,
    name: 'the finish reason content_filter',
    modes: both,
    positions: ['S2', 'S4'],
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
  {
    number: 76,
    name: 'reasoning before the content',
    modes: streamOnly,
    positions: ['S2'],
    ...harmless,
    seen: 'thinking of it',
    apply: insert(event({ choices: [{ index: 0, delta: { reasoning_content: 'thinking of it' }, finish_reason: null }] })),
  },
];

/** An answer that ends after so many tokens, and says so in its usage. */
function withoutTokens(acts: Acts, answer: CountedAnswer, kept: number): Acts {
  let seen = 0;
  return acts.flatMap((act) => {
    if (act.kind !== 'data') return [act];
    seen += act.part === 'content' ? act.tokens : 0;
    if (act.part === 'content' && seen > kept) return [];
    if (act.part === 'finish')
      return [
        data(
          'finish',
          textOf(act)
            .replace(/"content":"<[^"]*"/, '"content":""')
            .replace(/,"token_ids":\[\d+\]/, ''),
        ),
      ];
    return [
      act.part === 'usage' ? replaceUsage(act, { ...usageOf(answer), completion_tokens: kept, total_tokens: answer.promptTokens + kept }) : act,
    ];
  });
}

function oneBody(acts: Acts, change: (text: string) => string): Acts {
  const [head] = acts;
  const tokens = acts.reduce((sum, act) => sum + (act.kind === 'data' ? act.tokens : 0), 0);
  return head === undefined ? acts : [head, data('body', change(acts.map(textOf).join('')), tokens), properEnd];
}
