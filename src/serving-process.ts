import { orderSchema, type Report, type Seat } from './compose/processes/process-message.ts';
import { runSeat } from './main.ts';
import { TakenSeat } from './compose/processes/taken-seat.ts';

/* One of the processes that serve one port: `node src/serving-process.ts`, started by the first with a channel to it. */

/** Whatever is left of it by then ends with it. */
const orphanEndsMs = 3000;

// A supervisor of processes may signal them all; it is the first that decides when we end, and how.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stderr.on('error', () => undefined);

const report = (what: Report): void => void process.send?.(what, undefined, undefined, () => undefined);
const hangups: (() => void)[] = [];
let stop = (_how: 'interrupt' | 'terminate'): void => {};
const stopped = new Promise<'interrupt' | 'terminate'>((resolve) => {
  stop = resolve;
});
let taken: TakenSeat | undefined;

process.on('message', (message) => {
  const order = orderSchema.parse(message);
  if (order.kind === 'begin') void serve(order.seat);
  else if (order.kind === 'stop') stop(order.how);
  else if (order.kind === 'reload') for (const run of hangups) run();
  else taken?.order(order);
});
// The first process is gone, even if by kill -9: nobody would know of us any more.
process.on('disconnect', () => {
  taken?.lost();
  stop('interrupt');
  setTimeout(() => process.exit(1), orphanEndsMs).unref();
});

async function serve(seat: Seat): Promise<void> {
  taken = new TakenSeat(seat, report);
  const io = { say: (line: string) => report({ kind: 'said', line }), stopped, onHangup: (run: () => void) => void hangups.push(run) };
  process.exitCode = await runSeat(taken, io);
  // All that it had to say was handed over when the channel closes, and nothing else holds the process.
  if (process.connected) process.disconnect();
}
