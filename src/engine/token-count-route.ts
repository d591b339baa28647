import type { ServerResponse } from 'node:http';
import { promptTokens, requireModel, type EngineCore } from './engine-core.ts';
import { renderChat } from './render-chat.ts';
import { chatRequest, parseRequest } from './request-schema.ts';
import { writeJson } from './write-answer.ts';

/** How many tokens a chat request's prompt has, by the very template and vocabulary that would answer it. */
export function answerTokenCount(core: EngineCore, body: string, response: ServerResponse): void {
  const request = parseRequest(chatRequest, body);
  requireModel(core, request.model);
  const tools = request.tool_choice === 'none' ? [] : (request.tools ?? []);
  const tokens = promptTokens(core, renderChat(core.model, request, tools));
  writeJson(response, 200, JSON.stringify({ input_tokens: tokens.length }));
}
