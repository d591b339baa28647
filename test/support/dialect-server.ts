import { onTestFinished } from 'vitest';
import {
  chunk,
  jsonResponse,
  lastChunk,
  startScriptedUpstream,
  streamHead,
  type Script,
  type ScriptedUpstream,
  type SeenRequest,
} from './scripted-upstream.ts';
import { gatewayOver } from './started.ts';
import { generateEvents, generateWhole, messagesEvents, messageWhole, type SaidAnswer } from './dialect-scripts.ts';
import { profileNamed } from '../../src/protocol/profiles/profile-named.ts';
import OpenAI from 'openai';

export type TranslatedDialect = 'anthropic' | 'gemini';

/** What the scripted endpoint does with a request: says an answer, fails, or begins to speak and goes on for ever. */
export type Doing =
  | { readonly say: SaidAnswer }
  | { readonly fail: number; readonly body: string; readonly headers?: string }
  | { readonly endless: SaidAnswer }
  | { readonly cut: SaidAnswer };

/** A server that speaks one of the translated dialects by script, over a real socket. */
function script(dialect: TranslatedDialect, request: SeenRequest, doing: Doing): Script {
  if ('fail' in doing) return { pieces: [jsonResponse(doing.fail, doing.body, doing.headers)], end: 'keep' };
  const said = 'say' in doing ? doing.say : 'cut' in doing ? doing.cut : doing.endless;
  const streams = dialect === 'gemini' ? request.path.includes('alt=sse') : request.body.includes('"stream":true');
  if (!streams && 'say' in doing)
    return { pieces: [jsonResponse(200, dialect === 'gemini' ? generateWhole(said) : messageWhole(said))], end: 'keep' };
  const events = (dialect === 'gemini' ? generateEvents(said) : messagesEvents(said)).map(chunk);
  if ('say' in doing) return { pieces: [streamHead, ...events, lastChunk], end: 'keep' };
  const begun = events.slice(0, dialect === 'gemini' ? -1 : -3);
  return { pieces: [streamHead, ...begun, ...('cut' in doing ? [lastChunk] : [])], end: 'cut' in doing ? 'keep' : 'hang' };
}

export interface TranslatedGateway {
  readonly url: string;
  readonly client: OpenAI;
  readonly upstream: ScriptedUpstream;
  /** The body of the last request that the endpoint saw. */
  readonly lastBody: () => Record<string, unknown>;
}

/** The published SDK before the gateway before an endpoint of another dialect that does one thing after another. */
export async function translatedGateway(dialect: TranslatedDialect, doings: readonly Doing[]): Promise<TranslatedGateway> {
  const upstream = await startScriptedUpstream((request, index) =>
    script(dialect, request, doings[Math.min(index, doings.length - 1)] ?? { say: {} }),
  );
  onTestFinished(upstream.stop);
  const { extensions, name } = profileNamed(dialect);
  const gate = await gatewayOver([{ id: 'one', origin: upstream.origin, key: 'k1', dialect, profile: name, extensions }]);
  return {
    url: gate.url,
    client: new OpenAI({ baseURL: `${gate.url}/v1`, apiKey: 'a-key', maxRetries: 0 }),
    upstream,
    lastBody: () => JSON.parse(upstream.seen.at(-1)?.body ?? '{}'),
  };
}

export const weatherTool: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

export const question: OpenAI.ChatCompletionCreateParamsNonStreaming = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

export const twoCalls: SaidAnswer = {
  text: ['Let me see.'],
  calls: [
    { id: 'c1', name: 'weather', args: { city: 'Paris' } },
    { id: 'c2', name: 'weather', args: { city: 'Rome' } },
  ],
};
