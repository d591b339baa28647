import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { chatChunks } from './numbered-answer.ts';
import { event } from './scripted-upstream.ts';

const chunks = chatChunks(false);
const tickMs = 100;

/** One call by the upstream's own account. Its number is also the count of prompt tokens that it reports, so that a row of the ledger says which call it was. */
export interface CountedCall {
  readonly number: number;
  readonly tokens: number;
  /** What the request was sent with. */
  readonly requestId: string;
  /** Of UTC. */
  readonly day: string;
  sent: number;
  /** `whole`: all was handed over, the end marker included; `broken`: the other side left before. */
  state: 'running' | 'whole' | 'broken';
}

export interface CountingUpstream {
  readonly origin: string;
  readonly calls: readonly CountedCall[];
  readonly running: () => number;
  /** Lets streams go on past their first token, where they were to be held there. */
  readonly release: () => void;
  readonly stop: () => Promise<void>;
}

/** The vendor's own account as a log that names each request: what it computed, whoever was left to take it. */
export function vendorLog(calls: readonly CountedCall[]): string {
  const lines = calls.map(({ number, requestId, sent, day }) => `${day},m,${requestId},${number},${sent}`);
  return ['day,model,request,input,output', ...lines, ''].join('\n');
}

/** A slow endpoint that streams one numbered token a tick to each of its callers, and keeps its own bill. */
export async function startCountingUpstream(
  tokensOf: (number: number) => number,
  begin: 'running' | 'held' = 'running',
  onBroken: (call: CountedCall) => void = () => {},
): Promise<CountingUpstream> {
  let held = begin === 'held';
  const calls: CountedCall[] = [];
  const streams = new Map<CountedCall, ServerResponse>();
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const number = calls.length + 1;
      const call: CountedCall = {
        number,
        tokens: tokensOf(number),
        requestId: String(request.headers['x-request-id']),
        day: new Date().toISOString().slice(0, 10),
        sent: 0,
        state: 'running',
      };
      calls.push(call);
      streams.set(call, response);
      response.on('close', () => {
        streams.delete(call);
        if (call.state !== 'running') return;
        call.state = 'broken';
        onBroken(call);
      });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunks.role);
    });
  });
  const ticking = setInterval(() => {
    for (const [call, response] of streams) if (!held || call.sent === 0) tick(call, response);
  }, tickMs);
  server.listen(0, '127.0.0.1', 4096);
  await once(server, 'listening');
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    calls,
    running: () => streams.size,
    release: () => {
      held = false;
    },
    stop: async () => {
      clearInterval(ticking);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function tick(call: CountedCall, response: ServerResponse): void {
  if (call.state !== 'running') return;
  if (call.sent < call.tokens) {
    call.sent += 1;
    response.write(chunks.content(call.sent));
    return;
  }
  const usage = { prompt_tokens: call.number, completion_tokens: call.tokens, total_tokens: call.number + call.tokens };
  call.state = 'whole';
  response.end(
    `${chunks.finish}${event(`{"id":"chatcmpl-up","created":7,"model":"up","object":"chat.completion.chunk","choices":[],"usage":${JSON.stringify(usage)}}`)}${event('[DONE]')}`,
  );
}
