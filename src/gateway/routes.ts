import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import { cancelResponse, deleteResponse, listInputItems, retrieveResponse } from './kept-responses.ts';
import { countInputTokens, createResponse } from './responses.ts';
import { health, ready } from './health.ts';
import { listModels, retrieveModel } from './models.ts';
import { countTokens, messages } from './messages.ts';
import { toPage } from './to-page.ts';
import type { Route } from './route.ts';

/** The routes of the API, with who may call each: what does not stand here does not exist on this listener. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/chat/completions', access: 'key', api: 'chat', handle: chatCompletions },
  { method: 'POST', path: '/v1/completions', access: 'key', api: 'completions', handle: completions },
  { method: 'POST', path: '/v1/embeddings', access: 'key', api: 'embeddings', handle: embeddings },
  { method: 'POST', path: '/v1/responses', access: 'key', api: 'responses', handle: createResponse },
  { method: 'POST', path: '/v1/responses/input_tokens', access: 'key', api: 'responses', handle: countInputTokens },
  { method: 'GET', path: '/v1/responses/*', access: 'key', api: 'responses', handle: retrieveResponse },
  { method: 'DELETE', path: '/v1/responses/*', access: 'key', api: 'responses', handle: deleteResponse },
  { method: 'GET', path: '/v1/responses/*/input_items', access: 'key', api: 'responses', handle: listInputItems },
  { method: 'POST', path: '/v1/responses/*/cancel', access: 'key', api: 'responses', handle: cancelResponse },
  { method: 'POST', path: '/v1/messages', access: 'key', api: 'messages', handle: messages },
  { method: 'POST', path: '/v1/messages/count_tokens', access: 'key', api: 'messages', handle: countTokens },
  { method: 'GET', path: '/v1/models', access: 'key', handle: listModels },
  { method: 'GET', path: '/v1/models/*', access: 'key', handle: retrieveModel },
  { method: 'GET', path: '/', access: 'open', handle: toPage },
  { method: 'GET', path: '/health', access: 'open', handle: health },
  { method: 'GET', path: '/ready', access: 'open', handle: ready },
];
