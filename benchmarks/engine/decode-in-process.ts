/*
 * The yardstick: node-llama-cpp's own decoding in one process, with no HTTP and no text, run as a child so that it
 * has the engine's environment. It decodes once per line on its standard input and answers with milliseconds.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';

const options = z
  .object({ modelPath: z.string(), threads: z.number(), tokens: z.number(), prompt: z.array(z.number()) })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
const llama = await getLlama({ build: 'never', gpu: false, progressLogs: false, logLevel: LlamaLogLevel.error, maxThreads: 0 });
const model = await llama.loadModel({ modelPath: options.modelPath, defaultContextFlashAttention: false });
const context = await model.createContext({
  sequences: 4,
  threads: options.threads,
  flashAttention: false,
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
});
const sequence = context.getSequence();
type Token = NonNullable<typeof model.tokens.eos>;
const isToken = (id: number): id is Token => Number.isInteger(id);

for await (const _ of createInterface({ input: process.stdin })) {
  await sequence.clearHistory();
  let firstAt = 0;
  let decoded = 0;
  const answer = sequence.evaluate(options.prompt.filter(isToken), { temperature: 0, yieldEogToken: true });
  while (decoded < options.tokens && !(await answer.next()).done) {
    firstAt ||= performance.now();
    decoded += 1;
  }
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - firstAt, decoded })}\n`);
}
process.exit(0);
