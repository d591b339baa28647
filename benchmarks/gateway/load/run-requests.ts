import { setTimeout as delay } from 'node:timers/promises';
import { chatBytes } from './chat-bytes.ts';
import { idleCpuShare, openWindow } from './cost-window.ts';
import { RawExchange } from './raw-exchange.ts';
import { wholeMark } from '../mock-answers.ts';
import type { Measured, PacedJob, RequestJob } from './job.ts';

const askedEveryMs = 1000;

/** Counts what comes back on connections that each ask again as soon as they were answered, or at set times. */
export async function runRequests(job: RequestJob | PacedJob): Promise<Measured> {
  const idleShare = await idleCpuShare(job.pids);
  const request = chatBytes(job, 'Say something of ordinary length, chunks=1', false);
  const waitsMs: number[] = [];
  let answers = 0;
  let errors = 0;
  let firstError: string | undefined;
  let running = true;
  let measuring = false;
  const fail = (why: string): void => {
    errors += 1;
    firstError ??= why;
  };

  /** One answer of an exchange that is free, whose wait counts from when it was due. */
  const ask = (exchange: RawExchange, dueMs: number, then: () => void): void => {
    let whole = false;
    exchange.send(request, {
      heard: (text) => (whole ||= text.includes(wholeMark)),
      ended: () => {
        if (!whole) fail('an answer that is not whole');
        if (measuring) {
          answers += 1;
          waitsMs.push(performance.now() - dueMs);
        }
        then();
      },
      failed: fail,
    });
  };

  const exchanges = Array.from({ length: job.connections }, () => new RawExchange(job.port));
  let timer: NodeJS.Timeout | undefined;
  if (job.kind === 'requests') {
    const again = (exchange: RawExchange): void => {
      if (running) ask(exchange, performance.now(), () => again(exchange));
    };
    exchanges.forEach(again);
  } else {
    const free = [...exchanges];
    const beganMs = performance.now();
    let asked = 0;
    timer = setInterval(() => {
      for (;;) {
        const dueMs = beganMs + (asked * askedEveryMs) / job.perSecond;
        if (!running || dueMs > performance.now()) return;
        asked += 1;
        const exchange = free.pop();
        if (exchange === undefined) fail('every connection was taken when a request was due');
        else ask(exchange, dueMs, () => free.push(exchange));
      }
    }, 1);
  }
  await delay(job.warmMs);
  measuring = true;
  const close = openWindow(job.pids, idleShare);
  await delay(job.measureMs);
  const cost = close();
  measuring = false;
  running = false;
  clearInterval(timer);
  await delay(200);
  for (const exchange of exchanges) exchange.close();
  return { ...cost, units: answers, errors, firstError, waitsMs, longestStallMs: 0, residentBeforeKib: 0, residentKib: 0, wholeStreams: 0 };
}
