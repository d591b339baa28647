// Loads a GGUF in llama.cpp (through node-llama-cpp) and serves simple line-wise jobs on stdin: one JSON in, one JSON out.
//   {"tokenize": TEXT}                      -> {"ids": [...], "text": detokenized}
//   {"render": {"messages": [...], "tools"?: [...], "add_generation_prompt"?: true}} -> {"text": prompt}
//       (the file's own chat template, in @huggingface/jinja, which node-llama-cpp brings along)
//   {"prompt": TEXT, "max": N}              -> {"text": greedy completion, "tokens": N, "ended": true when it stopped by itself}
// NODE_LLAMA_CPP_FROM names the folder whose node_modules holds node-llama-cpp; without it the working folder is taken.
//   node llama-cpp.mjs model.gguf
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = join(process.env.NODE_LLAMA_CPP_FROM ?? process.cwd(), 'node_modules');
const load = (file) => import(pathToFileURL(join(modules, file)).href);
const { getLlama, LlamaLogLevel } = await load('node-llama-cpp/dist/index.js');
const { Template } = await load('@huggingface/jinja/dist/index.js');
const llama = await getLlama({ build: 'never', gpu: false, logLevel: LlamaLogLevel.error, progressLogs: false });
const model = await llama.loadModel({ modelPath: resolve(process.argv[2]), gpuLayers: 0 });
const context = await model.createContext({ contextSize: 1024, threads: Number(process.env.THREADS ?? 1) });
const sequence = context.getSequence();
const template = new Template(model.fileInfo.metadata.tokenizer.chat_template);

async function complete(prompt, max) {
  const tokens = model.tokenize(prompt, true);
  await sequence.clearHistory();
  const out = [];
  for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
    if (model.isEogToken(token)) return { text: model.detokenize(out), tokens: out.length, ended: true };
    out.push(token);
    if (out.length >= max || tokens.length + out.length >= 1023) break;
  }
  return { text: model.detokenize(out), tokens: out.length, ended: false };
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  let reply;
  if (job.tokenize !== undefined) {
    const ids = model.tokenize(job.tokenize, true);
    reply = { ids, text: model.detokenize(ids, true) };
  } else if (job.render !== undefined) {
    reply = { text: template.render(job.render) };
  } else {
    reply = await complete(job.prompt, job.max);
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit(0);
