import { onTestFinished } from 'vitest';
import { generateEvents, generateWhole, messagesEvents, messageWhole, type SaidAnswer } from '../../../test/support/dialect-scripts.ts';
import { startServer } from './start-server.ts';

/** What the scripted model says: a call where tools are offered, JSON where a schema is given, else a greeting. */
function saidTo(body: string): SaidAnswer {
  if (/"(?:tools|functionDeclarations)":/.test(body)) return { calls: [{ id: 'c1', name: 'get_weather', args: { city: 'Paris' } }] };
  return /"(?:output_config|responseJsonSchema)":/.test(body) ? { text: ['{"city":', '"Paris"}'] } : { text: ['Hello', ' there.'] };
}

/** Speaks Anthropic's Messages API to whoever brings the key `k1` in its own header. */
export async function anthropicEndpoint(): Promise<string> {
  const server = await startServer((request, body, response) => {
    const error = (status: number, type: string): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ type: 'error', error: { type, message: 'no model' } }));
    if (request.headers['x-api-key'] !== 'k1') return error(401, 'authentication_error');
    if (request.url?.startsWith('/v1/models') === true)
      return void response.end('{"data":[{"type":"model","id":"up","display_name":"Up"}],"has_more":false}');
    if (!body.includes('"model":"up"')) return error(404, 'not_found_error');
    if (!body.includes('"stream":true')) return void response.setHeader('content-type', 'application/json').end(messageWhole(saidTo(body)));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(messagesEvents(saidTo(body)).join(''));
  });
  onTestFinished(server.stop);
  return server.url;
}

/** Speaks Gemini's own API, below `/v1beta`, to whoever brings the key `k1` in its own header. */
export async function geminiEndpoint(): Promise<string> {
  const server = await startServer((request, body, response) => {
    const { url = '' } = request;
    const error = (status: number, word: string): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: status, status: word, message: 'no model' } }));
    if (request.headers['x-goog-api-key'] !== 'k1') return error(403, 'PERMISSION_DENIED');
    if (url.startsWith('/v1beta/models?'))
      return void response.setHeader('content-type', 'application/json').end('{"models":[{"name":"models/up"}]}');
    if (!url.startsWith('/v1beta/models/up:')) return error(404, 'NOT_FOUND');
    if (!url.includes('alt=sse')) return void response.setHeader('content-type', 'application/json').end(generateWhole(saidTo(body)));
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(generateEvents(saidTo(body)).join(''));
  });
  onTestFinished(server.stop);
  return `${server.url}/v1beta`;
}
