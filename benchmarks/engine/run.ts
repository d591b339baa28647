/*
 * How much of node-llama-cpp's own decoding speed is left when an answer streams out of the engine over HTTP:
 * rate through the engine ÷ rate in process, one greedy stream, the same model, threads and precision, both in child
 * processes with the same environment, in alternating runs. The bar is 0.80 at the median.
 *
 *   node benchmarks/engine/run.ts [runs] [tokens]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemClock } from '../../src/std/clock.ts';
import { superviseEngine } from '../../src/engine/supervise-engine.ts';

const bar = 0.8;
const runs = Number(process.argv[2] ?? 9);
const tokens = Number(process.argv[3] ?? 400);
const modelPath = process.env['MODEL'] ?? fileURLToPath(new URL('../../models/demo/second-source-demo.gguf', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), '2s-bench-'));
const engine = await superviseEngine({ name: 'bench', modelPath, modelName: 'demo', socketDirectory: folder }, systemClock);
const prompt =
  (await postJson({ model: 'demo', prompt: 'What is a second source?', max_tokens: 1, return_token_ids: true })).choices[0]?.prompt_token_ids ?? [];

const inProcess = spawn(
  process.execPath,
  [fileURLToPath(new URL('decode-in-process.ts', import.meta.url)), JSON.stringify({ modelPath, threads: engine.silicon.threads, tokens, prompt })],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' },
  },
);
const lines = createInterface({ input: inProcess.stdout })[Symbol.asyncIterator]();

console.log(`${engine.silicon.chip}, ${engine.silicon.engineBuild}, ${engine.silicon.threads} thread(s), Node ${process.version}`);
console.log(`${modelPath}: ${tokens} tokens a run, ${runs} runs each, greedy, one stream; load average ${loadavg()[0]?.toFixed(2)}`);

const ratios: number[] = [];
const cpuRatios: number[] = [];
await decodeInProcess();
await decodeThroughEngine();
for (let run = 1; run <= runs; run++) {
  const own = await withCpuTime(inProcess.pid, decodeInProcess);
  const served = await withCpuTime(engine.pid(), decodeThroughEngine);
  ratios.push(served.rate / own.rate);
  cpuRatios.push(own.cpuMs / served.cpuMs);
  console.log(
    `run ${run}: in process ${own.rate.toFixed(0)} tokens/s (${own.cpuMs.toFixed(0)} ms CPU), ` +
      `through HTTP ${served.rate.toFixed(0)} tokens/s (${served.cpuMs.toFixed(0)} ms CPU), ratio ${(served.rate / own.rate).toFixed(3)}`,
  );
}
const sorted = ratios.toSorted((a, b) => a - b);
const median = middle(ratios);
const passed = median >= bar;
console.log(
  `median ratio ${median.toFixed(3)} (${sorted[0]?.toFixed(3)} to ${sorted.at(-1)?.toFixed(3)}, n = ${runs}); bar ${bar}: ${passed ? 'met' : 'MISSED'}`,
);
console.log(`by CPU time, which other load on this machine disturbs less: median ratio ${middle(cpuRatios).toFixed(3)}`);
inProcess.stdin.end();
await engine.stop();
rmSync(folder, { recursive: true, force: true });
process.exitCode = passed ? 0 : 1;

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Also counts what the process computed meanwhile, by Linux's `/proc` (in steps of 10 ms; NaN elsewhere). */
async function withCpuTime(pid: number | undefined, run: () => Promise<number>): Promise<{ rate: number; cpuMs: number }> {
  const before = cpuMs(pid);
  const rate = await run();
  return { rate, cpuMs: cpuMs(pid) - before };
}

function cpuMs(pid: number | undefined): number {
  try {
    const fields =
      readFileSync(`/proc/${pid ?? 'self'}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Tokens per second from the first token to the last. */
async function decodeInProcess(): Promise<number> {
  inProcess.stdin.write('\n');
  const line = await lines.next();
  const { ms, decoded } = z.object({ ms: z.number(), decoded: z.number() }).parse(JSON.parse(line.value ?? ''));
  return ((decoded - 1) / ms) * 1000;
}

function decodeThroughEngine(): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: engine.socketPath, path: '/v1/completions', method: 'POST', agent: false }, (response) => {
      let firstAt = 0;
      let lastAt = 0;
      let text = '';
      response.on('data', (piece: Buffer) => {
        lastAt = performance.now();
        firstAt ||= lastAt;
        text += piece.toString('latin1');
      });
      response.on('end', () => {
        const count = z.object({ usage: z.object({ completion_tokens: z.number() }) });
        const last = text.split('\n\n').findLast((event) => event.includes('"usage"')) ?? '';
        const { usage } = count.parse(JSON.parse(last.slice('data: '.length)));
        resolve(((usage.completion_tokens - 1) / (lastAt - firstAt)) * 1000);
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(
      JSON.stringify({
        model: 'demo',
        prompt,
        max_tokens: tokens,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        stream_options: { include_usage: true },
        return_token_ids: true,
      }),
    );
  });
}

function postJson(body: object): Promise<{ choices: { prompt_token_ids?: number[] | undefined }[] }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: engine.socketPath, path: '/v1/completions', method: 'POST', agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
      response.on('end', () =>
        resolve(z.object({ choices: z.array(z.object({ prompt_token_ids: z.array(z.number()).optional() })) }).parse(JSON.parse(text))),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
