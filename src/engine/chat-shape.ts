import { idsOf, mergedRelease, usageJson, type AnswerMeta, type AnswerShape } from './answer-shape.ts';
import type { EndReason } from './generation.ts';
import { toolCallOpening, ToolCallParser, type ToolCallEvent } from './tool-call-parser.ts';
import type { Release } from './token-release.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** `/v1/chat/completions`, as vLLM writes it. */
export function chatShape(meta: AnswerMeta, bytesOf: (token: number) => Uint8Array): AnswerShape {
  const head = `"id":"${meta.id}","object":"chat.completion.chunk","created":${meta.created},"model":${JSON.stringify(meta.model)},`;
  const event = `data: {${head}"choices":[{"index":0,"delta":`;
  const seed = `"x_second_source_seed":${meta.seed}`;
  const calls = new CallReader(meta.id);

  // Text before a matched stop string may end within a token, so ids would claim more than the text says.
  const textPiece = (release: Release, delta: string, reason: string): string => {
    const logprobs = meta.logprobs && release.tokens.length > 0 ? logprobsJson(release, bytesOf) : 'null';
    const ids = meta.returnTokenIds && release.matched === undefined ? `,"token_ids":${idsOf(release)}` : '';
    return `${event}${delta},"logprobs":${logprobs},"finish_reason":${reason}${ids}}]}\n\n`;
  };
  const callPieces = (events: readonly ToolCallEvent[]): string =>
    events.map((call) => `${event}${calls.delta(call)},"logprobs":null,"finish_reason":null}]}\n\n`).join('');

  return {
    opening: () => {
      const ids = meta.returnTokenIds ? `"prompt_token_ids":${JSON.stringify(meta.promptTokenIds)},` : '';
      return `${event}{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],${ids}${seed}}\n\n`;
    },
    piece: (release) => {
      const { plain, events } = calls.read(release);
      const text = plain === undefined ? '' : textPiece(plain, `{"content":${JSON.stringify(plain.text)}}`, 'null');
      return text + callPieces(events);
    },
    closing: (release, reason) => {
      const { plain, events } = calls.read(release);
      const pieces = callPieces([...events, ...calls.end()]);
      const text = plain === undefined ? '' : textPiece(plain, `{"content":${JSON.stringify(plain.text)}}`, 'null');
      return `${pieces}${text}${event}{},"logprobs":null,"finish_reason":"${calls.reason(reason)}"${stopMember(release)}}]}\n\n`;
    },
    usage: (usage) => `data: {${head}"choices":[],"usage":${usageJson(usage)}}\n\n`,
    whole: (releases, reason, usage) => {
      const events: ToolCallEvent[] = [];
      let text = '';
      for (const release of releases) {
        const read = calls.read(release);
        text += read.plain?.text ?? '';
        events.push(...read.events);
      }
      events.push(...calls.end());
      const answer = wholeCalls(events, calls);
      const content = text + answer.text;
      const all = mergedRelease(releases);
      const message: Record<string, unknown> = {
        role: 'assistant',
        content: answer.calls.length > 0 && content.trim() === '' ? null : content,
        refusal: null,
      };
      if (answer.calls.length > 0) message['tool_calls'] = answer.calls;
      const logprobs = meta.logprobs ? logprobsJson(all, bytesOf) : 'null';
      const ids = meta.returnTokenIds ? `,"token_ids":${idsOf(all)}` : '';
      const promptIds = meta.returnTokenIds ? `,"prompt_token_ids":${JSON.stringify(meta.promptTokenIds)}` : '';
      return (
        `{"id":"${meta.id}","object":"chat.completion","created":${meta.created},"model":${JSON.stringify(meta.model)},` +
        `"choices":[{"index":0,"message":${JSON.stringify(message)},"logprobs":${logprobs},` +
        `"finish_reason":"${calls.reason(reason)}"${stopMember(releases.at(-1))}${ids}}],"usage":${usageJson(usage)}${promptIds},${seed}}`
      );
    },
  };
}

/** Which stop string ended the answer, under vLLM's name for it. */
function stopMember(last: Release | undefined): string {
  return last?.matched === undefined || last.matched === toolCallOpening ? '' : `,"stop_reason":${JSON.stringify(last.matched)}`;
}

/** Sorts what was released into plain text and tool calls. */
class CallReader {
  readonly #answerId: string;
  #parser: ToolCallParser | undefined;
  #called = false;

  constructor(answerId: string) {
    this.#answerId = answerId;
  }

  read(release: Release): { plain: Release | undefined; events: ToolCallEvent[] } {
    if (this.#parser !== undefined) return { plain: undefined, events: this.#note(this.#parser.push(release.text)) };
    const hasPlain = release.text !== '' || release.tokens.length > 0;
    // The generation only goes on after a match where the match is the opening tag; after a stop string it ends.
    if (release.matched !== toolCallOpening) return { plain: hasPlain ? release : undefined, events: [] };
    this.#parser = new ToolCallParser();
    const events = this.#note(this.#parser.push(release.rest ?? ''));
    return { plain: release.text === '' ? undefined : release, events };
  }

  end(): ToolCallEvent[] {
    return this.#note(this.#parser?.end() ?? []);
  }

  reason(reason: EndReason): string {
    return this.#called && reason === 'stop' ? 'tool_calls' : reason;
  }

  callId(index: number): string {
    return `call_${this.#answerId.slice(-16)}${index}`;
  }

  delta(event: ToolCallEvent): string {
    if (event.kind === 'text') return `{"content":${JSON.stringify(event.text)}}`;
    if (event.kind === 'arguments') {
      return `{"tool_calls":[{"index":${event.index},"function":{"arguments":${JSON.stringify(event.text)}}}]}`;
    }
    const call = { index: event.index, id: this.callId(event.index), type: 'function', function: { name: event.name, arguments: '' } };
    return `{"tool_calls":[${JSON.stringify(call)}]}`;
  }

  #note(events: ToolCallEvent[]): ToolCallEvent[] {
    if (events.some(({ kind }) => kind === 'call')) this.#called = true;
    return events;
  }
}

interface WholeCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

function wholeCalls(events: readonly ToolCallEvent[], calls: CallReader): { text: string; calls: WholeCall[] } {
  const whole: WholeCall[] = [];
  let text = '';
  for (const event of events) {
    if (event.kind === 'text') text += event.text;
    else if (event.kind === 'call') {
      whole.push({ id: calls.callId(event.index), type: 'function', function: { name: event.name, arguments: '' } });
    } else {
      const last = whole.at(-1);
      if (last !== undefined) last.function.arguments += event.text;
    }
  }
  return { text, calls: whole };
}

function logprobsJson(release: Release, bytesOf: (token: number) => Uint8Array): string {
  const entry = (bytes: Uint8Array, logprob: number): object => ({
    token: decoder.decode(bytes),
    logprob,
    bytes: Array.from(bytes),
  });
  const content = release.tokens.map(({ bytes, logprobs }) => ({
    ...entry(bytes, logprobs?.logprob ?? -9999),
    top_logprobs: (logprobs?.top ?? []).map(({ id, logprob }) => entry(bytesOf(id), logprob)),
  }));
  return JSON.stringify({ content });
}
