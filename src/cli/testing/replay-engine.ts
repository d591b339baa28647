import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isRecord } from '../../std/is-record.ts';
import { startServer, type TestServer } from './start-server.ts';

export type RecordedEngine = 'vllm' | 'llama-server' | 'transformers-serve';

const caseSchema = z.object({
  name: z.string(),
  status: z.number(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
});

type RecordedCase = z.infer<typeof caseSchema>;

function readCases(engine: RecordedEngine): ReadonlyMap<string, RecordedCase> {
  const path = new URL(`../../../test/fixtures/recorded/${engine}.jsonl`, import.meta.url);
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => caseSchema.parse(JSON.parse(line))).map((entry) => [entry.name, entry]));
}

/** The recorded case that asked the same of an engine as the request does. */
function caseName(path: string, body: string): string {
  if (path === '/v1/models') return 'models';
  if (path === '/v1/completions') return 'completions-ids';
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return 'error-malformed-json';
  }
  if (!isRecord(asked)) return 'error-malformed-json';
  if (asked['model'] !== 'tiny') return 'error-unknown-model';
  if (asked['max_tokens'] === -1) return 'error-max-tokens-minus-1';
  if (asked['tools'] !== undefined) return 'chat-tools-named-stream';
  if (asked['stop'] !== undefined) return 'chat-stop-stream';
  if (asked['logprobs'] === true) return 'chat-logprobs';
  if (asked['return_token_ids'] === true) return 'chat-token-ids';
  if (asked['continue_final_message'] === true) return 'chat-prefill-continue';
  if (asked['stream'] === true) return asked['stream_options'] === undefined ? 'chat-stream' : 'chat-stream-usage';
  return Object.keys(asked).some((key) => key.includes('no_such_field')) ? 'error-unknown-field' : 'chat';
}

/** A server that answers each of the doctor's requests with the bytes that the real engine sent for it. */
export function startReplay(engine: RecordedEngine): Promise<TestServer> {
  const cases = readCases(engine);
  return startServer((request, body, response) => {
    const recorded = cases.get(caseName(request.url ?? '', body));
    if (recorded === undefined) {
      response.writeHead(599).end();
      return;
    }
    const kept = recorded.headers.filter(([name]) => !/^(?:connection|transfer-encoding|content-length|date)$/i.test(name));
    response.writeHead(recorded.status, kept.flat());
    response.end(recorded.body);
  });
}
