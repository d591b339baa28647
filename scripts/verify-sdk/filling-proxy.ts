import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface FillingProxy {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const placeholder = /resp_677efb5139a88190b512bc3fef8e535d|(?<=\/responses\/)response_id/;
/** What a response needs and the tests leave out. */
const least = { model: 'gpt-6-astra', input: 'string' };

/**
 * Stands before the gateway and gives requests what only a mock can do without: a model and an input where a test
 * sends an empty body, and an id that is really kept where a test names one of the documentation's. Nothing else is
 * changed, and answers pass as they come.
 */
export async function startFillingProxy(gateway: string): Promise<FillingProxy> {
  const server = createServer((request, response) => void forward(gateway, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function forward(gateway: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const given = Buffer.concat(parts).toString('utf8');
  const path = request.url ?? '/';
  const target = placeholder.test(path) && request.method !== 'POST' ? path.replace(placeholder, await keptId(gateway)) : path;
  const body = needsFilling(path) ? JSON.stringify({ ...least, ...JSON.parse(given || '{}') }) : given;
  const headers = { ...request.headers, host: new URL(gateway).host, 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = send(`${gateway}${target}`, { method: request.method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  outgoing.end(body);
}

function needsFilling(path: string): boolean {
  return path === '/v1/responses' || path === '/v1/responses/input_tokens';
}

async function keptId(gateway: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${gateway}/v1/responses`, { method: 'POST', headers, body: JSON.stringify(least) });
  const { id }: { id: string } = JSON.parse(await answer.text());
  return id;
}
