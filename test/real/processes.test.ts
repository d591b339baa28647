import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { begunStreams } from '../support/begun-streams.ts';
import { makeAuthority } from '../support/certificates.ts';
import { numberedText } from '../support/numbered-answer.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { reconcileLedger } from '../support/reconcile-ledger.ts';
import { startCountingEngine } from '../support/counting-engine.ts';
import { startCountingUpstream, type CountingUpstream } from '../support/counting-upstream.ts';
import { pidOf, startProduct } from '../support/start-product.ts';
import { startProcesses } from '../support/start-processes.ts';

const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });

async function counting(...asked: Parameters<typeof startCountingUpstream>): Promise<CountingUpstream> {
  const upstream = await startCountingUpstream(...asked);
  onTestFinished(() => upstream.stop());
  return upstream;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks so often, each time on a connection of its own, that both processes are met (all in one: once in 2¹⁵). */
const often = 16;

test('two processes serve one port, and what is unplugged through one is unplugged in both, and in one that starts later', async () => {
  const upstream = await counting(() => 1);
  const { product, pids, status } = await startProcesses(upstream.origin);
  const [first, second] = await pids();
  expect(first).not.toBe(second);
  const refused = async (): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: often }, () => postRaw(`${product.url}/v1/chat/completions`, body)));
    return answers.filter((answer) => answer.status === 503).length;
  };
  expect(await refused()).toBe(0);
  expect((await product.control('/control/v1/endpoints/slow/unplug')).status).toBe(200);
  expect(await refused()).toBe(often);
  process.kill(second ?? 0, 'SIGKILL');
  await expect.poll(async () => (await pids())[1]).not.toBeOneOf([second, null]);
  expect(await refused()).toBe(often);
  expect((await status()).endpoints).toMatchObject([{ id: 'slow', state: 'unplugged' }]);
  expect((await product.control('/control/v1/endpoints/slow/plug')).status).toBe(200);
  expect(await refused()).toBe(0);
}, 60_000);

test('a repeated request is given the one answer, running or stored, whichever process it reaches', async () => {
  const upstream = await counting(() => 8);
  const { product, status } = await startProcesses(upstream.origin);
  for (const key of ['first', 'second', 'third']) {
    const ask = (): Promise<RawAnswer> => postRaw(`${product.url}/v1/chat/completions`, body, { 'idempotency-key': key });
    const running = await Promise.all(Array.from({ length: often }, ask));
    const later = await Promise.all(Array.from({ length: often }, ask));
    const all = [...running, ...later];
    expect(all.map(({ ended, text }) => [ended, viewStream(text).text])).toEqual(all.map(() => ['proper', numberedText(1, 8)]));
    expect(new Set(all.map(({ headers }) => headers['x-request-id'])).size).toBe(1);
    expect(later.every(({ headers }) => headers['idempotent-replayed'] === 'true')).toBe(true);
  }
  expect(upstream.calls).toHaveLength(3);
  expect((await status()).idempotency).toMatchObject({ entries: 3, running: 0 });
  const other = await postRaw(`${product.url}/v1/chat/completions`, body.replace('count', 'more'), { 'idempotency-key': 'first' });
  expect(other.status).toBe(422);
}, 60_000);

test('a conversation goes on by previous_response_id, and can be read and deleted, whichever process is reached', async () => {
  const engine = await startCountingEngine();
  onTestFinished(engine.stop);
  const { product } = await startProcesses(engine.origin, { storedResponses: { enabled: true } });
  let previous: string | undefined;
  for (let turn = 1; turn <= often; turn += 1) {
    const { status, text } = await postRaw(
      `${product.url}/v1/responses`,
      JSON.stringify({ model: 'm', input: `turn ${turn}`, stream: true, previous_response_id: previous }),
    );
    expect([turn, status]).toEqual([turn, 200]);
    previous = /"id":"(resp_[^"]+)"/.exec(text)?.[1];
    expect(engine.seen.at(-1)?.body).toContain('"turn 1"');
    expect(engine.seen.at(-1)?.body).toContain(`"turn ${turn}"`);
  }
  const url = `${product.url}/v1/responses/${previous}`;
  const headers = { connection: 'close' };
  for (let count = 0; count < often; count += 1) expect((await fetch(url, { headers })).status).toBe(200);
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
  for (let count = 0; count < often; count += 1) expect((await fetch(url, { headers })).status).toBe(404);
}, 60_000);

test('kill -9 of one process under streams: its own break, the other’s do not, it comes back, and the ledger is exact', async () => {
  const streams = 60;
  const upstream = await counting(() => 10, 'held');
  const { product, config, status, pids } = await startProcesses(upstream.origin);
  const answers = await begunStreams(streams, (onText) => postRaw(`${product.url}/v1/chat/completions`, body, {}, onText));
  const [first, second] = (await status()).processes;
  expect((first?.running ?? 0) + (second?.running ?? 0)).toBe(streams);
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await expect.poll(() => upstream.running()).toBe(second?.running);
  upstream.release();
  const ended = await Promise.all(answers);
  const whole = ended.filter((answer) => answer.ended === 'proper');
  expect(whole).toHaveLength(second?.running ?? 0);
  expect(whole.every(({ text }) => viewStream(text).text === numberedText(1, 10) && viewStream(text).done)).toBe(true);
  expect(ended.filter((answer) => answer.ended === 'cut').every(({ text }) => !viewStream(text).done)).toBe(true);
  await expect.poll(async () => (await pids())[0]).not.toBeOneOf([first?.pid, null]);
  expect(product.output()).toContain('process 0 ended (signal SIGKILL)');
  const again = await Promise.all(Array.from({ length: often }, () => postRaw(`${product.url}/v1/chat/completions`, body)));
  expect(again.every((answer) => answer.ended === 'proper' && answer.status === 200)).toBe(true);
  await product.get('/control/v1/usage');
  expect(reconcileLedger(config.ledgerDirectory, upstream.calls)).toMatchObject({
    charges: whole.length + often,
    unknown: first?.running,
    mismatches: [],
  });
}, 60_000);

test('SIGTERM lets what runs in every process end, refuses what is new, and ends all of them', async () => {
  const streams = 40;
  const upstream = await counting(() => 10, 'held');
  const { product, config, pids } = await startProcesses(upstream.origin);
  const all = (await pids()).map((pid) => pid ?? 0);
  // Half of them may run in another process than the one that their client is connected to.
  const answers = await begunStreams(streams, (onText, index) =>
    postRaw(`${product.url}/v1/chat/completions`, body, index % 2 === 0 ? {} : { 'idempotency-key': `key-${index}` }, onText),
  );
  product.signal('SIGTERM');
  await expect.poll(() => product.output()).toContain('stopping');
  await expect.poll(() => postRaw(`${product.url}/v1/chat/completions`, body).then(() => '', String)).toContain('ECONNREFUSED');
  expect(upstream.running()).toBe(streams);
  upstream.release();
  const ended = await Promise.all(answers);
  expect(ended.filter((answer) => answer.ended === 'proper' && viewStream(answer.text).done)).toHaveLength(streams);
  expect(await product.ended).toBe(0);
  expect(all.map(isAlive)).toEqual([false, false]);
  expect(reconcileLedger(config.ledgerDirectory, upstream.calls)).toMatchObject({ charges: streams, unknown: 0, mismatches: [] });
}, 60_000);

test('kill -9 of the first process leaves no orphan', async () => {
  const upstream = await counting(() => 1);
  const { product, pids } = await startProcesses(upstream.origin);
  const all = (await pids()).map((pid) => pid ?? 0);
  product.signal('SIGKILL');
  await product.ended;
  await expect.poll(() => all.map(isAlive)).toEqual([false, false]);
}, 60_000);

test('an engine is run once for both processes, and both know when it is lost and when it is back', async () => {
  const product = await startProduct(['up', '--demo', '--processes', '2', '--port', '0']);
  onTestFinished(() => product.stop());
  const question = JSON.stringify({
    model: 'second-source-demo',
    max_tokens: 2,
    messages: [{ role: 'user', content: 'hi' }],
    provider: { only: ['engine-a'] },
  });
  const ask = async (): Promise<readonly number[]> => {
    const answers = await Promise.all(Array.from({ length: often }, () => postRaw(`${product.url}/v1/chat/completions`, question)));
    return [...new Set(answers.map(({ status }) => status))];
  };
  expect(await ask()).toEqual([200]);
  const pid = pidOf(await product.endpoints(), 'engine-a');
  process.kill(pid ?? 0, 'SIGKILL');
  await expect.poll(product.output).toContain('engine engine-a is back');
  await expect.poll(async () => pidOf(await product.endpoints(), 'engine-a')).not.toBeOneOf([pid, undefined]);
  expect((await product.endpoints()).find(({ id }) => id === 'engine-a')).toMatchObject({ state: 'ready' });
  expect(await ask()).toEqual([200]);
}, 60_000);

test('both listen over TLS on the one port, and SIGHUP renews the certificate of both', async () => {
  const authority = makeAuthority('Test authority');
  const folder = mkdtempSync(join(tmpdir(), 'second-source-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const renew = (): void => {
    const issued = authority.issue(['127.0.0.1']);
    writeFileSync(cert, issued.certificate);
    writeFileSync(key, issued.key);
  };
  renew();
  const upstream = await counting(() => 1);
  const { product } = await startProcesses(upstream.origin, { listen: { tls: { cert, key } } });
  const serial = (): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(product.url).port), ca: authority.certificate }, () => {
        resolve(socket.getPeerX509Certificate()?.serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const serials = async (): Promise<readonly (string | undefined)[]> => [...new Set(await Promise.all(Array.from({ length: often }, serial)))];
  const before = await serials();
  expect(before).toHaveLength(1);
  renew();
  product.signal('SIGHUP');
  for (const index of [0, 1]) await expect.poll(product.output).toContain(`process ${index}: new connections get the renewed certificate`);
  const after = await serials();
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
}, 60_000);
