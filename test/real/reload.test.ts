import { rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { begunStreams } from '../support/begun-streams.ts';
import { numberedText } from '../support/numbered-answer.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { startCountingUpstream, type CountingUpstream } from '../support/counting-upstream.ts';
import { startProduct, type Product } from '../support/start-product.ts';
import { writeConfig } from '../support/write-config.ts';

/* Fault 97: what runs goes on to its end, whatever becomes of the configuration meanwhile. */

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
const streams = 24;

async function counting(how?: 'held'): Promise<CountingUpstream> {
  const upstream = await startCountingUpstream(() => 10, ...(how === undefined ? [] : [how]));
  onTestFinished(() => upstream.stop());
  return upstream;
}

interface Reloadable {
  readonly product: Product;
  readonly path: string;
  /** Writes the file anew, with these endpoints. */
  readonly rewrite: (endpoints: Readonly<Record<string, string>>) => void;
  readonly ask: () => Promise<RawAnswer>;
}

async function reloadable(origin: string, processes: number): Promise<Reloadable> {
  const more = { processes };
  const config = writeConfig(origin, { eventLoopLagMs: 60_000 }, more);
  onTestFinished(() => config.remove());
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  onTestFinished(() => product.stop());
  const rewrite = (endpoints: Readonly<Record<string, string>>): void =>
    writeFileSync(
      config.path,
      JSON.stringify({
        endpoints: Object.entries(endpoints).map(([id, url]) => ({ id, url: `${url}/v1`, models: [{ name: 'm' }] })),
        limits: { eventLoopLagMs: 60_000 },
        ledger: { directory: config.ledgerDirectory },
        ...more,
      }),
    );
  return { product, path: config.path, rewrite, ask: () => postRaw(`${product.url}/v1/chat/completions`, body) };
}

/** Starts streams that stand still after their beginning. */
function running(product: Product): Promise<readonly Promise<RawAnswer>[]> {
  return begunStreams(streams, (onText) => postRaw(`${product.url}/v1/chat/completions`, body, {}, onText));
}

function wholeOf(answers: readonly RawAnswer[]): number {
  return answers.filter(({ ended, text }) => ended === 'proper' && viewStream(text).done && viewStream(text).text === numberedText(1, 10)).length;
}

test.each([1, 2])(
  'with %i process(es): an endpoint that moves, and one that goes, end nothing that runs there',
  async (processes) => {
    const [old, next] = [await counting('held'), await counting()];
    const { product, rewrite, ask } = await reloadable(old.origin, processes);
    const answers = await running(product);
    rewrite({ slow: next.origin });
    product.signal('SIGHUP');
    await expect.poll(product.output).toContain('the configuration was read again.');
    const fresh = await Promise.all([ask(), ask(), ask(), ask()]);
    expect([wholeOf(fresh), next.calls.length, old.calls.length]).toEqual([4, 4, streams]);
    rewrite({ other: next.origin });
    expect((await product.control('/control/v1/config/reload')).status).toBe(200);
    expect((await product.endpoints()).filter(({ state }) => state === 'ready').map(({ id }) => id)).toEqual(['other']);
    expect(old.running()).toBe(streams);
    old.release();
    expect(wholeOf(await Promise.all(answers))).toBe(streams);
    await expect.poll(async () => (await product.endpoints()).map(({ id }) => id)).toEqual(['other']);
  },
  60_000,
);

test('a bad file is refused, loudly, and the one before stays; a new start refuses it too', async () => {
  const upstream = await counting();
  const { product, path, ask } = await reloadable(upstream.origin, 1);
  writeFileSync(path, 'endpoints: [{ id: slow, url: nonsense }]\n');
  product.signal('SIGHUP');
  await expect.poll(product.output).toContain('the configuration was not read again, and the one before stays');
  expect(product.output()).toContain('endpoints[0].url: is not a URL');
  const refused = await product.control('/control/v1/config/reload');
  expect(refused.status).toBe(422);
  expect(wholeOf([await ask()])).toBe(1);
  rmSync(path);
  expect((await product.control('/control/v1/config/reload')).status).toBe(422);
  expect(wholeOf([await ask()])).toBe(1);
}, 60_000);

test.each([1, 2])(
  'with %i process(es): an endpoint that the control API adds serves at once, and again after a restart',
  async (processes) => {
    const [old, next] = [await counting('held'), await counting()];
    const { product, path, ask } = await reloadable(old.origin, processes);
    const answers = await running(product);
    const change = async (target: Product, method: string, name: string, sent?: unknown): Promise<number> =>
      (
        await fetch(`${target.controlUrl}/control/v1/${name}`, {
          method,
          headers: { 'x-second-source-control': '1' },
          ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
        })
      ).status;
    expect(await change(product, 'PUT', 'endpoints/added', { url: `${next.origin}/v1`, models: [{ name: 'm' }] })).toBe(200);
    expect(await change(product, 'DELETE', 'endpoints/slow')).toBe(200);
    expect(wholeOf([await ask(), await ask()])).toBe(2);
    old.release();
    expect(wholeOf(await Promise.all(answers))).toBe(streams);
    await product.stop();
    const again = await startProduct(['up', '--config', path, '--port', '0']);
    onTestFinished(() => again.stop());
    expect((await again.endpoints()).map(({ id }) => id)).toEqual(['added']);
    expect(await change(again, 'POST', 'config/reset', {})).toBe(200);
    expect((await again.endpoints()).map(({ id }) => id)).toEqual(['slow']);
  },
  60_000,
);
