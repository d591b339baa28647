import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../src/admin/audit/audit-log.ts';
import { ConfigDesk, type ConfigDeskParts } from '../../src/admin/overlay/config-desk.ts';
import { EventHub } from '../../src/admin/events/event-hub.ts';
import { formatConfigProblem } from '../../src/config/config-problem.ts';
import { listenOn } from '../../src/compose/listen-on.ts';
import { loadConfigParts } from '../../src/config/load-config.ts';
import { readOverlay } from '../../src/admin/overlay/overlay-file.ts';
import { serveControl } from '../../src/admin/serve-control.ts';
import { Sessions, usualSessionRules } from '../../src/admin/sign-in/sessions.ts';
import { SignIn } from '../../src/admin/sign-in/sign-in.ts';
import { StateWatch } from '../../src/admin/events/state-watch.ts';
import { StateFile } from '../../src/admin/state/state-file.ts';
import { StateSecret } from '../../src/admin/state/state-secret.ts';
import { systemClock, type Clock } from '../../src/std/clock.ts';
import { TokenBook } from '../../src/admin/sign-in/token-book.ts';
import { UserBook } from '../../src/admin/sign-in/user-book.ts';
import type { ConfigSource } from '../../src/config/config-source.ts';
import type { ControlContext, KeyDesk } from '../../src/admin/control-context.ts';
import type { ControlledGateway } from '../../src/admin/controlled-gateway.ts';

export interface TestControl {
  readonly url: string;
  readonly directory: string;
  readonly context: ControlContext;
  readonly said: readonly string[];
  /** Asks with the control header. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  readonly stop: () => Promise<void>;
}

export interface TestControlOptions {
  /** What sessions, locks and codes go by. */
  readonly signInClock?: Clock;
  /** As if other machines could reach it; it listens on loopback all the same. */
  readonly beyondLoopback?: boolean;
  /** The configuration; an empty file otherwise. */
  readonly source?: ConfigSource;
  readonly apply?: ConfigDeskParts['apply'];
  readonly keys?: KeyDesk;
  readonly budgetStanding?: ControlContext['budgetStanding'];
  readonly ledger?: ControlContext['ledger'];
  /** The files of the page; none otherwise. */
  readonly page?: ControlContext['page'];
  /** A state directory that outlives this listener. */
  readonly directory?: string;
}

/** A configuration file that a test writes: `set` is what an editor would do. */
export function memorySource(text: string): ConfigSource & { readonly set: (text: string) => void } {
  let current = text;
  return {
    path: 'c.yaml',
    text: () => current,
    load: (changed) => loadConfigParts('c.yaml', {}, () => current, { profileNames: [], changed }),
    set: (next) => {
      current = next;
    },
  };
}

/** The real control listener over a real socket, in an empty state directory. */
export async function startTestControl(gateway: ControlledGateway, options: TestControlOptions = {}): Promise<TestControl> {
  const clock = systemClock;
  const signInClock = options.signInClock ?? systemClock;
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'second-source-control-'));
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const newSecret = (): string => randomBytes(32).toString('base64url');
  const secret = StateSecret.in(directory);
  const events = new EventHub(clock);
  const stopping = new AbortController();
  const audit = await AuditLog.open({ directory, clock, say, onEntry: ({ seq, action }) => events.emit('audit', { seq, action }) });
  const source = options.source ?? memorySource('');
  const file = new StateFile(join(directory, 'overlay.json'));
  const overlay = readOverlay(file);
  const loaded = source.load(overlay.entries);
  if (!loaded.ok) throw new Error(loaded.failure.map(formatConfigProblem).join('\n'));
  const context: ControlContext = {
    gateway,
    ledger: options.ledger,
    signIn: new SignIn({
      users: new UserBook(new StateFile(join(directory, 'users.json'))),
      tokens: new TokenBook({ file: new StateFile(join(directory, 'tokens.json')), secret, clock: signInClock, newSecret }),
      sessions: new Sessions(usualSessionRules, signInClock, newSecret),
      secret,
      clock: signInClock,
      adminsNeedTotp: options.beyondLoopback === true,
    }),
    keys: options.keys,
    audit,
    config: new ConfigDesk({
      source,
      file,
      overlay,
      loaded: loaded.value,
      audit,
      events,
      clock,
      apply: options.apply ?? (async () => ({ needsRestart: [] })),
    }),
    events,
    stateWatch: new StateWatch({ endpoints: gateway.endpoints, budgets: () => [] }, events, clock),
    budgetStanding: options.budgetStanding ?? (() => []),
    page: options.page ?? new Map(),
    clock,
    loopbackOnly: options.beyondLoopback !== true,
    isSecure: false,
    stopping: stopping.signal,
    report: say,
  };
  const served = serveControl(context, { headerBytes: 16_384, headersTimeoutMs: 5000, requestTimeoutMs: 15_000 });
  const url = await listenOn(served.server.listener, { host: '127.0.0.1', port: 0, backlog: 4096 });
  return {
    url,
    directory,
    context,
    said,
    ask: (method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: { 'x-second-source-control': '1', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    stop: async () => {
      stopping.abort();
      // What was just ended may still leave.
      await served.stop(200);
      await context.audit.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
