import { createServer } from 'node:http';
import { once } from 'node:events';
import { z } from 'zod';

/** What one request is to come to, written by the test as the text of its message. */
export const meteredPlan = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  delayMs: z.number(),
  /** How the endpoint ends it. `lost` breaks the connection before anything is said; `refused` is a 500. */
  end: z.enum(['whole', 'lost', 'refused']),
});
export type MeteredPlan = z.infer<typeof meteredPlan>;

const asked = z.object({ stream: z.boolean().optional(), max_tokens: z.number().optional(), messages: z.array(z.object({ content: z.string() })) });

export interface MeteredUpstream {
  readonly origin: string;
  /** What requests said of `max_tokens`, in the order in which they came. */
  readonly maxTokens: readonly (number | undefined)[];
  readonly stop: () => Promise<void>;
}

/** An endpoint that takes as long and bills as much as each request itself tells it to. */
export async function startMeteredUpstream(): Promise<MeteredUpstream> {
  const maxTokens: (number | undefined)[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = asked.parse(JSON.parse(Buffer.concat(parts).toString()));
      maxTokens.push(body.max_tokens);
      const plan = meteredPlan.parse(JSON.parse(body.messages[0]?.content ?? ''));
      const answer = (): void => {
        if (plan.end === 'lost') return void response.destroy();
        if (plan.end === 'refused') return void response.writeHead(500).end('{}');
        response.writeHead(200, { 'content-type': body.stream === true ? 'text/event-stream' : 'application/json' });
        response.end(body.stream === true ? streamOf(plan) : wholeOf(plan));
      };
      if (plan.delayMs === 0) answer();
      else setTimeout(answer, plan.delayMs);
    });
  });
  server.listen(0, '127.0.0.1', 4096);
  await once(server, 'listening');
  const bound = server.address();
  return {
    origin: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    maxTokens,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function usageOf({ inputTokens, outputTokens }: MeteredPlan): string {
  return `"usage":{"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${inputTokens + outputTokens}}`;
}

/** As many words as it bills, so that no count contradicts the bill. */
function textOf({ outputTokens }: MeteredPlan): string {
  return 'word '.repeat(outputTokens);
}

function wholeOf(plan: MeteredPlan): string {
  const choice = `{"index":0,"message":{"role":"assistant","content":"${textOf(plan)}"},"finish_reason":"stop"}`;
  return `{"id":"x","object":"chat.completion","created":1,"model":"up","choices":[${choice}],${usageOf(plan)}}`;
}

function streamOf(plan: MeteredPlan): string {
  const head = '"id":"x","object":"chat.completion.chunk","created":1,"model":"up"';
  const delta = (text: string, finish: string): string => `data: {${head},"choices":[{"index":0,"delta":{${text}},"finish_reason":${finish}}]}\n\n`;
  return `${delta('"role":"assistant","content":""', 'null')}${delta(`"content":"${textOf(plan)}"`, 'null')}${delta('', '"stop"')}data: {${head},"choices":[],${usageOf(plan)}}\n\ndata: [DONE]\n\n`;
}
