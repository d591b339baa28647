import { modelName } from './engine-folder.ts';
import { postRaw, viewStream, type StreamView } from '../../test/support/read-answer.ts';

export interface TimedAnswer extends StreamView {
  /** What ended an answer that was not done: the error's code, or how it came to an end without one. */
  readonly failure: string | undefined;
  /** On `performance.now()`, as all times here. */
  readonly sentAtMs: number;
  /** When text came, and how many pieces there were then. */
  readonly arrivals: readonly { readonly atMs: number; readonly pieces: number }[];
  /** The text as it came, event by event: nearly always one token each. */
  readonly pieces: readonly string[];
}

export interface Question {
  readonly prompt: string;
  readonly maxTokens: number;
  /** Endpoint ids, first choice first; nobody else may answer. */
  readonly endpoints: readonly string[];
}

const failureCharacters = 200;
const textEvent = /"(?:content|text)":"(?!")/g;

/** Asks for a greedy stream and reads it to its end. `onText` hears how many pieces have come. */
export async function askGateway(url: string, question: Question, onText: (pieces: number) => void = () => undefined): Promise<TimedAnswer> {
  const arrivals: { atMs: number; pieces: number }[] = [];
  const sentAtMs = performance.now();
  const answer = await postRaw(`${url}/v1/chat/completions`, requestBody(question), {}, (text) => {
    const pieces = text.match(textEvent)?.length ?? 0;
    if (pieces === (arrivals.at(-1)?.pieces ?? 0)) return;
    arrivals.push({ atMs: performance.now(), pieces });
    onText(pieces);
  });
  const view = viewStream(answer.text);
  const failure = view.done
    ? undefined
    : (view.errorCode ?? `status ${answer.status}, ${answer.ended} end, ${answer.text.slice(-failureCharacters)}`);
  return { ...view, failure, sentAtMs, arrivals, pieces: textPieces(answer.text) };
}

function textPieces(raw: string): string[] {
  return raw
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => viewStream(block).text)
    .filter((text) => text !== '');
}

function requestBody({ prompt, maxTokens, endpoints }: Question): string {
  return JSON.stringify({
    model: modelName,
    messages: [{ role: 'user', content: prompt }],
    temperature: 0,
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true },
    provider: { only: endpoints, order: endpoints },
  });
}

/** Time to the first text, in milliseconds. */
export function ttftMs({ sentAtMs, arrivals }: TimedAnswer): number {
  return (arrivals[0]?.atMs ?? Number.NaN) - sentAtMs;
}

/** When the first text of a segment reached the client, or undefined where there is no such segment. */
export function segmentAtMs({ segments, arrivals, pieces }: TimedAnswer, index: number): number | undefined {
  if (segments[index] === undefined) return undefined;
  const before = segments.slice(0, index).reduce((sum, { characters }) => sum + characters, 0);
  let characters = 0;
  const first = pieces.findIndex((piece) => (characters += [...piece].length) > before);
  return first < 0 ? undefined : arrivals.find((arrival) => arrival.pieces > first)?.atMs;
}
