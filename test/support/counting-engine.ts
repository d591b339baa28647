import { chatChunks, completionChunks, promptTokenIds } from './numbered-answer.ts';
import {
  chunk,
  event,
  lastChunk,
  startScriptedUpstream,
  streamHead,
  type ScriptedUpstream,
  type ScriptEnd,
  type SeenRequest,
} from './scripted-upstream.ts';

/** How many tokens a whole answer of a counting engine has. */
export const countedTokens = 12;
const chat = chatChunks(true);

/** An engine that counts: it begins, or goes on where the given ids end, and breaks after `cutAfter` tokens if told to. */
export function startCountingEngine(cutAfter?: { readonly tokens: number; readonly how: ScriptEnd }): Promise<ScriptedUpstream> {
  return startScriptedUpstream((request) => {
    const first = nextToken(request);
    const chunks = request.path.endsWith('/chat/completions') ? chat : completionChunks;
    const last = Math.min(countedTokens, first + (cutAfter?.tokens ?? countedTokens) - 1);
    const contents = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => chunk(chunks.content(first + index)));
    const pieces = [streamHead, ...(chunks.role === '' ? [] : [chunk(chunks.role)]), ...contents];
    if (cutAfter !== undefined) return { pieces, end: cutAfter.how };
    return { pieces: [...pieces, chunk(chunks.finish + chunks.usage(countedTokens - first + 1) + event('[DONE]')), lastChunk], end: 'keep' };
  });
}

function nextToken(request: SeenRequest): number {
  const { prompt } = JSON.parse(request.body);
  return prompt === undefined ? 1 : prompt.length - promptTokenIds.length + 1;
}
