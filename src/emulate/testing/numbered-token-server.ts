import { createServer, type ServerResponse } from 'node:http';
import type { EndpointAddress } from '../../fleet/endpoint.ts';
import type { Clock } from '../../std/clock.ts';

export interface NumberedTokenOptions {
  /** How many tokens each event carries, in order: `[1, 2]` is three tokens in two events. */
  readonly eventTokens: readonly number[];
  readonly promptTokens?: number;
  /** Virtual milliseconds before each event; without it everything comes at once. */
  readonly pace?: { readonly clock: Clock; readonly gapMs: number };
  /** Stops after so many events: `open` keeps the connection, `cut` breaks it, `half` ends it properly in the middle of an event. */
  readonly breakAfter?: { readonly events: number; readonly how: 'open' | 'cut' | 'half' };
  /** The answer's bytes are written in pieces of this size. */
  readonly pieceBytes?: number;
}

/** A small real engine whose tokens are their own numbers, in the wire shape of the embedded engine. */
export interface NumberedTokenServer {
  readonly address: EndpointAddress;
  /** Bodies of the requests that came, in order. */
  readonly bodies: readonly string[];
  /** Resolves once so many requests have come, or so many were broken off by the client. */
  readonly seen: (what: 'requests' | 'breaks', count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The stream that such an engine sends, whole. */
export function numberedStream(options: NumberedTokenOptions): readonly string[] {
  const head = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"numbered"';
  const promptIds = Array.from({ length: options.promptTokens ?? 3 }, (_, index) => index);
  const events = [
    `data: {${head},"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"prompt_token_ids":${JSON.stringify(promptIds)}}\n\n`,
  ];
  let next = 1;
  for (const count of options.eventTokens) {
    const ids = Array.from({ length: count }, () => next++);
    // Odd spacing on purpose: a byte that was parsed and written anew would show.
    events.push(
      `data:  {${head},"choices":[ {"index":0,"delta":{"content":"${ids.map((id) => `${id} `).join('')}"},"finish_reason":null,"token_ids":${JSON.stringify(ids)}} ]}\n\n`,
    );
  }
  const tokens = next - 1;
  events.push(
    `data: {${head},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`,
    `data: {${head},"choices":[],"usage":${usage(options, tokens)}}\n\n`,
    'data: [DONE]\n\n',
  );
  return events;
}

export function numberedWhole(options: NumberedTokenOptions): string {
  const tokens = options.eventTokens.reduce((sum, count) => sum + count, 0);
  const text = Array.from({ length: tokens }, (_, index) => `${index + 1} `).join('');
  return `{ "id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"${text}"},"finish_reason":"stop"}],"usage":${usage(options, tokens)}}`;
}

function usage(options: NumberedTokenOptions, tokens: number): string {
  const prompt = options.promptTokens ?? 3;
  return `{"prompt_tokens":${prompt},"completion_tokens":${tokens},"total_tokens":${prompt + tokens}}`;
}

export async function startNumberedTokenServer(options: NumberedTokenOptions): Promise<NumberedTokenServer> {
  const bodies: string[] = [];
  const counts = { requests: 0, breaks: 0 };
  const watchers = new Set<() => void>();
  const count = (what: 'requests' | 'breaks'): void => {
    counts[what] += 1;
    for (const watcher of watchers) watcher();
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/json');
        response.end(`{"path":"${request.url}"}`);
        return;
      }
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(body);
      response.on('close', () => {
        if (!response.writableFinished) count('breaks');
      });
      count('requests');
      if (body.includes('"stream":true')) void stream(options, response);
      else {
        response.setHeader('content-type', 'application/json');
        response.end(numberedWhole(options));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address: { kind: 'url', origin: `http://127.0.0.1:${port}`, basePath: '/v1' },
    bodies,
    seen: (what, wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (counts[what] < wanted) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function stream(options: NumberedTokenOptions, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const { pace, breakAfter, pieceBytes } = options;
  for (const [index, event] of numberedStream(options).entries()) {
    if (breakAfter !== undefined && index >= breakAfter.events) {
      if (breakAfter.how === 'cut') response.write('data: {"half', () => response.destroy());
      if (breakAfter.how === 'half') response.end('data: {"half');
      return;
    }
    if (pace !== undefined) await new Promise<void>((resolve) => void pace.clock.after(pace.gapMs, resolve));
    const bytes = Buffer.from(event);
    const size = pieceBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (pieceBytes !== undefined) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  response.end();
}
