import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly tokens: number;
}

export interface PacedUpstream {
  readonly origin: string;
  /** Bodies of the requests that came, in their order. */
  readonly seen: readonly string[];
  pace: Pace;
  /** What it tells of itself at `/metrics`. */
  metrics: string;
  /** How often it was asked for that. */
  readonly gaugesAsked: () => number;
  /** Breaks what runs and refuses whatever comes, as a killed process does. */
  readonly kill: () => Promise<void>;
  /** On the same port as before. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A real HTTP server that streams answers at a certain pace, and can be killed and started again. */
export async function startPacedUpstream(pace: Pace): Promise<PacedUpstream> {
  const seen: string[] = [];
  let asked = 0;
  let port = 0;
  let server: Server | undefined;
  const upstream = {
    pace,
    metrics: '',
    seen,
    gaugesAsked: () => asked,
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    kill: async () => {
      const killed = server;
      server = undefined;
      killed?.closeAllConnections();
      if (killed !== undefined) await new Promise<void>((resolve) => killed.close(() => resolve()));
    },
    start: async () => {
      const started = createServer((request, response) => {
        if (request.url === '/metrics') {
          asked += 1;
          response.end(upstream.metrics);
        } else void answer(request, response, upstream.pace, seen).catch(() => response.destroy());
      });
      server = started;
      await new Promise<void>((resolve) => started.listen(port, '127.0.0.1', resolve));
      const address = started.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    },
    stop: (): Promise<void> => upstream.kill(),
  };
  await upstream.start();
  return upstream;
}

async function answer(request: IncomingMessage, response: ServerResponse, { ttftMs, tpotMs, tokens }: Pace, seen: string[]): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  const body = Buffer.concat(parts).toString('utf8');
  seen.push(body);
  const usage = { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens };
  await sleep(ttftMs);
  if (!/"stream":\s*true/.test(body)) {
    await sleep(tpotMs * tokens);
    response.setHeader('content-type', 'application/json');
    const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const event = (choices: unknown, more: object = {}): boolean =>
    response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'up', choices, ...more })}\n\n`);
  for (let token = 0; token < tokens; token += 1) {
    if (token > 0) await sleep(tpotMs);
    event([{ index: 0, delta: { content: 'a ' }, finish_reason: null }]);
  }
  event([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  event([], { usage });
  response.end('data: [DONE]\n\n');
}
