import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { chunk, event, lastChunk, startScriptedUpstream, streamHead } from '../../test/support/scripted-upstream.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { postRaw } from '../../test/support/read-answer.ts';

const events = ['{"n":1}', '{"n":"data: no event"}', '{"n":3}', '{"n":4}', '[DONE]'].map((data) => event(data));
const whole = streamHead + events.map((text) => chunk(text)).join('') + lastChunk;
const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

/** An upstream that writes its answer in the given slices, behind a proxy. */
async function proxyOver(cuts: readonly number[]): Promise<CuttingProxy> {
  const places = [...new Set([0, ...cuts, whole.length])].toSorted((a, b) => a - b);
  const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
  const upstream = await startScriptedUpstream(() => ({ pieces, end: 'keep' }));
  const proxy = await CuttingProxy.start(Number(new URL(upstream.origin).port));
  running.push(upstream, proxy);
  return proxy;
}

test('a proxy that is not armed passes every byte, and counts the events', async () => {
  const proxy = await proxyOver([10, 100]);
  expect(await postRaw(`${proxy.origin}/v1`, '{}')).toMatchObject({ ended: 'proper', text: events.join('') });
  expect(proxy.eventsPassed).toBe(events.length);
});

test('exactly so many events pass and then the connection ends, however the bytes are sliced', async () => {
  const slices = fc.array(fc.nat(whole.length - 1), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(slices, fc.integer({ min: 1, max: events.length - 1 }), async (cuts, passed) => {
      const proxy = await proxyOver(cuts);
      const cut = proxy.cutAfter(passed, 'fin');
      const { ended, text } = await postRaw(`${proxy.origin}/v1`, '{}');
      const expected = events.slice(0, passed).join('');
      expect(ended).toBe('cut');
      expect(text.slice(0, expected.length)).toBe(expected);
      // Slices may divide the beginning of the event that does not pass.
      expect('data: ').toContain(text.slice(expected.length));
      expect(await cut).toBeLessThanOrEqual(performance.now());
    }),
    { numRuns: 25 },
  );
});

test('a cut after 0 events comes before the head, and only the next answer is cut', async () => {
  const proxy = await proxyOver([]);
  void proxy.cutAfter(0, 'rst');
  await expect(postRaw(`${proxy.origin}/v1`, '{}')).rejects.toThrow(/ECONNRESET|hang up/);
  expect(await postRaw(`${proxy.origin}/v1`, '{}')).toMatchObject({ ended: 'proper', text: events.join('') });
});
