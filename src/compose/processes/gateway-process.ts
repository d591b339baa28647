import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../../std/node-flags.ts';
import { reportSchema, type Order, type Report, type Seat } from './process-message.ts';

/** One run of a serving process. */
export interface GatewayProcess {
  readonly pid: number | undefined;
  readonly tell: (order: Order) => void;
  readonly kill: () => void;
  /** Why it ended: `signal SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
}

/** Beside `main.ts`, with our own ending: `.ts` in the sources, `.js` where they were compiled. */
const entry = fileURLToPath(new URL(`../../serving-process.${import.meta.url.endsWith('.js') ? 'js' : 'ts'}`, import.meta.url));

export function startGatewayProcess(seat: Seat, onReport: (report: Report) => void): GatewayProcess {
  const child = spawn(process.execPath, [...nodeFlags, entry], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Keeps `undefined` and shared objects as they are.
    serialization: 'advanced',
  });
  const tell = (order: Order): void => {
    if (child.connected) child.send(order, () => undefined);
  };
  child.on('message', (message) => {
    const report = reportSchema.safeParse(message);
    if (report.success) onReport(report.data);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`));
  });
  tell({ kind: 'begin', seat });
  return { pid: child.pid, tell, kill: () => void child.kill('SIGKILL'), ended };
}
