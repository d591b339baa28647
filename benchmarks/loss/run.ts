/**
 * What the loss of an endpoint costs an answer, and how soon a start answers: the figures of the README. Starts the
 * product itself, bounded in number, on loopback only. Each answer is compared with the uncut one, to the character.
 */
import { cpus } from 'node:os';
import { pidOf, startProduct, type Product } from '../../test/support/start-product.ts';
import { postRaw, viewStream, type StreamView } from '../../test/support/read-answer.ts';

const starts = 3;
const kills = 4;
const unplugs = 10;
/** An engine that was killed is given this long to run before the next kill, so that its restart is not put off. */
const calmMs = 31_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(product: Product, extra: Record<string, unknown>, afterPieces = Infinity, act: () => void = () => {}): Promise<StreamView> {
  const body = {
    model: 'second-source-demo',
    stream: true,
    temperature: 0,
    max_tokens: 900,
    ignore_eos: true,
    messages: [{ role: 'user', content: 'Tell me a long story about chips.' }],
    ...extra,
  };
  let acted = false;
  const answer = await postRaw(`${product.url}/v1/chat/completions`, JSON.stringify(body), {}, (text) => {
    if (acted || text.split('"content":"').length - 2 < afterPieces) return;
    acted = true;
    act();
  });
  return viewStream(answer.text);
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): string => sorted.at(index)?.toFixed(0) ?? '–';
  return `median ${at(Math.floor(sorted.length / 2))} ms, ${at(0)} to ${at(-1)}, n = ${sorted.length}`;
}

async function timeStarts(): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < starts; n += 1) {
    const began = performance.now();
    const product = await startProduct(['up', '--demo', '--port', '0']);
    await ask(product, { max_tokens: 60 });
    times.push(performance.now() - began);
    await product.stop();
  }
  console.log(`start to the end of the first answer: ${spread(times)} (without the bootstrap)`);
}

async function killAnswering(product: Product, uncut: StreamView): Promise<void> {
  const gaps: number[] = [];
  const returns: number[] = [];
  for (let n = 0; n < kills; n += 1) {
    if (n > 0) await wait(calmMs);
    const pid = pidOf(await product.endpoints(), 'engine-a');
    if (pid === undefined) throw new Error('engine-a has no process');
    let killedMs = 0;
    const cut = await ask(product, { provider: { order: ['engine-a'] } }, 10 + 20 * n, () => {
      killedMs = performance.now();
      process.kill(pid, 'SIGKILL');
    });
    while (pidOf(await product.endpoints(), 'engine-a') === pid || !(await isReady(product, 'engine-a'))) await wait(5);
    returns.push(performance.now() - killedMs);
    if (cut.done && cut.text === uncut.text) gaps.push(...cut.segments.flatMap(({ gap_ms: gapMs }) => gapMs ?? []));
  }
  console.log(`kill -9 of the answering engine: ${gaps.length} of ${kills} continued and equal; gap ${spread(gaps)}`);
  console.log(`the killed engine ready again: ${spread(returns)}`);
}

async function isReady(product: Product, id: string): Promise<boolean> {
  return (await product.endpoints()).some((endpoint) => endpoint.id === id && endpoint.state === 'ready');
}

async function unplugAnswering(product: Product, uncut: StreamView): Promise<void> {
  const gaps: number[] = [];
  for (let n = 0; n < unplugs; n += 1) {
    const id = n % 2 === 0 ? 'emulated-nvidia' : 'emulated-groq';
    const cut = await ask(
      product,
      { max_tokens: 120, provider: { order: [id] } },
      5 + 8 * n,
      () => void product.control(`/control/v1/endpoints/${id}/unplug`),
    );
    await product.control(`/control/v1/endpoints/${id}/plug`);
    if (cut.done && cut.segments.length === 2 && uncut.text.startsWith(cut.text))
      gaps.push(...cut.segments.flatMap(({ gap_ms: gapMs }) => gapMs ?? []));
  }
  console.log(`unplugged in mid-answer: ${gaps.length} of ${unplugs} the same text in two segments; gap ${spread(gaps)}`);
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, second-source-demo on two engines and two emulated vendors`,
);
await timeStarts();
const product = await startProduct(['up', '--demo', '--port', '0']);
try {
  const uncut = await ask(product, {});
  await unplugAnswering(product, uncut);
  await killAnswering(product, uncut);
} finally {
  await product.stop();
}
