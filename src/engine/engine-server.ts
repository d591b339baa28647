import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerChat } from './chat-route.ts';
import { answerCompletion } from './completion-route.ts';
import { answerEmbedding } from './embedding-route.ts';
import type { EngineCore } from './engine-core.ts';
import { EngineFailure, engineErrors, toEngineError } from './engine-error.ts';
import { metricsText } from './engine-metrics.ts';
import { answerTokenCount } from './token-count-route.ts';
import { writeError, writeJson } from './write-answer.ts';

const maxBodyBytes = 8 * 1024 * 1024;

type Route = (core: EngineCore, body: string, response: ServerResponse) => void | Promise<void>;

const routes: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly answer: Route }>> = {
  '/v1/chat/completions': { method: 'POST', answer: answerChat },
  '/v1/chat/completions/input_tokens': { method: 'POST', answer: answerTokenCount },
  '/v1/completions': { method: 'POST', answer: answerCompletion },
  '/v1/embeddings': { method: 'POST', answer: answerEmbedding },
  '/v1/models': { method: 'GET', answer: answerModels },
  '/v1/silicon': { method: 'GET', answer: (core, _, response) => writeJson(response, 200, JSON.stringify(core.silicon)) },
  '/health': { method: 'GET', answer: (_core, _, response) => writeJson(response, 200, '{"status":"ok"}') },
  '/metrics': { method: 'GET', answer: answerMetrics },
};

/** The engine's HTTP face. It trusts its caller: it listens on a Unix socket, or on the loopback for tests. */
export function engineServer(core: EngineCore): Server {
  const server = createServer((request, response) => {
    handle(core, request, response).catch((thrown: unknown) => writeError(response, toEngineError(thrown)));
  });
  // A gateway keeps its connections; only a body that does not come is cut.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 30_000;
  server.on('connection', (socket) => socket.setNoDelay(true));
  return server;
}

async function handle(core: EngineCore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const method = request.method ?? 'GET';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) throw new EngineFailure(engineErrors.routeNotFound(method, path));
  if (route.method !== method) throw new EngineFailure(engineErrors.methodNotAllowed(method, path));
  const body = method === 'POST' ? await readBody(request) : '';
  await route.answer(core, body, response);
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size > maxBodyBytes) {
        // The rest is read and dropped, or the client would never see the answer.
        parts.length = 0;
        reject(new EngineFailure(engineErrors.bodyTooLarge(maxBodyBytes)));
      } else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', reject);
  });
}

function answerModels(core: EngineCore, _body: string, response: ServerResponse): void {
  const model = {
    id: core.modelName,
    object: 'model',
    created: 0,
    owned_by: 'second-source',
    max_model_len: core.contextTokens,
  };
  writeJson(response, 200, JSON.stringify({ object: 'list', data: [model] }));
}

function answerMetrics(core: EngineCore, _body: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(metricsText(core.metrics));
}
