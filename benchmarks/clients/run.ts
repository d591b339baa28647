/**
 * What clients can do to the gateway, measured on the product itself over loopback: how soon a lost client stops its
 * upstream, when slow senders are closed with the product's own limits, and what a waiting stream costs in memory.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startCountingUpstream } from '../../test/support/counting-upstream.ts';
import { postRaw } from '../../test/support/read-answer.ts';
import { startProduct, type Product } from '../../test/support/start-product.ts';
import { writeConfig } from '../../test/support/write-config.ts';

const lossesEach = 60;
const slowClients = 300;
const waitingStreams = 4000;
/** What is measured must not depend on whether load is being shed meanwhile, hence the limit in each configuration below. */
const unshed = { eventLoopLagMs: 60_000 };
const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'count' }] });
const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;

/** A client that never closes by itself and says what it is told. */
function open(product: Product, said: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(product.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', reject);
    socket.write(said, () => resolve(socket));
  });
}

async function timeLosses(): Promise<void> {
  const brokenAtMs: (() => void)[] = [];
  const upstream = await startCountingUpstream(
    () => 10_000,
    'running',
    () => brokenAtMs.shift()?.(),
  );
  const config = writeConfig(upstream.origin, unshed);
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  const ways: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['closes', (socket) => socket.destroy()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes its half', (socket) => socket.end()],
  ];
  for (const [how, leave] of ways) {
    const times: number[] = [];
    for (let n = 0; n < lossesEach; n += 1) {
      const socket = await open(product, head + body);
      await new Promise((resolve) => socket.once('data', resolve));
      const broken = new Promise<void>((resolve) => brokenAtMs.push(resolve));
      const leftMs = performance.now();
      leave(socket);
      await broken;
      times.push(performance.now() - leftMs);
      socket.destroy();
    }
    times.sort((a, b) => a - b);
    const at = (part: number): string => (times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0).toFixed(1);
    console.log(`a client that ${how}: its upstream stopped after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms (n = ${times.length})`);
  }
  await product.stop();
  await upstream.stop();
  config.remove();
}

async function timeSlowSenders(): Promise<void> {
  const config = writeConfig('http://127.0.0.1:9', unshed);
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  for (const [what, said] of [
    ['heads', head.slice(0, 40)],
    ['bodies', head + body.slice(0, 5)],
  ] as const) {
    const beganMs = performance.now();
    const sockets = await Promise.all(Array.from({ length: slowClients }, () => open(product, said)));
    const closed = sockets.map(
      (socket) => new Promise<number>((resolve) => socket.resume().once('close', () => resolve(performance.now() - beganMs))),
    );
    // One byte a second, which keeps the request unfinished, and tells a half-open socket that the other side has gone.
    const prodding = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write('x')), 1000);
    const times = await Promise.all(closed);
    clearInterval(prodding);
    console.log(`${slowClients} unfinished ${what}: all closed, the last after ${(Math.max(...times) / 1000).toFixed(1)} s`);
  }
  await product.stop();
  config.remove();
}

async function weighWaitingStreams(): Promise<void> {
  const upstream = await startCountingUpstream(() => 3, 'held');
  const config = writeConfig(upstream.origin, {
    concurrentRequests: waitingStreams + 100,
    stallTimeoutMs: 600_000,
    heartbeatMs: 5000,
    ...unshed,
  });
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  const resident = (): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${product.pid}/status`, 'utf8'))?.[1]);
  const before = resident();
  let beating = 0;
  const answers = Array.from({ length: waitingStreams }, () => {
    let heard = false;
    return postRaw(`${product.url}/v1/chat/completions`, body, {}, (text) => {
      if (!heard && text.includes(': ka')) beating += 1;
      heard ||= text.includes(': ka');
    });
  });
  while (beating < waitingStreams) await delay(100);
  console.log(
    `${waitingStreams} waiting streams: all heard a heartbeat, ${((resident() - before) / waitingStreams).toFixed(1)} KiB of the gateway's memory each, both connections included`,
  );
  upstream.release();
  const whole = (await Promise.all(answers)).filter(({ text, ended }) => ended === 'proper' && text.includes('[DONE]')).length;
  console.log(`${whole} of ${waitingStreams} ended whole`);
  await product.stop();
  await upstream.stop();
  config.remove();
}

await timeLosses();
await weighWaitingStreams();
await timeSlowSenders();
