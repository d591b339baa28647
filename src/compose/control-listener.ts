import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AuditLog } from '../admin/audit/audit-log.ts';
import { ConfigDesk, type ConfigDeskParts } from '../admin/overlay/config-desk.ts';
import { DependenceDesk } from '../admin/dependence/dependence-desk.ts';
import { EventHub } from '../admin/events/event-hub.ts';
import { faultMessage } from '../std/error-catalogue.ts';
import { hostReach } from '../config/host-reach.ts';
import { listenOn } from './listen-on.ts';
import { readPageFiles } from '../admin/page-files.ts';
import { serveControl } from '../admin/serve-control.ts';
import { Sessions, usualSessionRules } from '../admin/sign-in/sessions.ts';
import { SignIn } from '../admin/sign-in/sign-in.ts';
import { StartProblem } from './start-problem.ts';
import { ShareWatch } from '../admin/events/share-watch.ts';
import { StateWatch } from '../admin/events/state-watch.ts';
import { StateFile } from '../admin/state/state-file.ts';
import { StateSecret } from '../admin/state/state-secret.ts';
import { tlsListener } from './tls-listener.ts';
import { tellWebhooks } from './tell-webhooks.ts';
import { TokenBook } from '../admin/sign-in/token-book.ts';
import { UserBook } from '../admin/sign-in/user-book.ts';
import type { Clock } from '../std/clock.ts';
import type { ControlContext, KeyDesk } from '../admin/control-context.ts';
import type { ControlledLedger } from '../admin/controlled-ledger.ts';
import type { ControlledGateway } from '../admin/controlled-gateway.ts';
import type { OpenedConfig } from './open-config.ts';

export interface ControlSurroundings {
  readonly clock: Clock;
  /** The folder of the built page. */
  readonly pageFolder: string;
  readonly say: (message: string) => void;
  readonly onHangup: (run: () => void) => void;
  readonly ledger: ControlledLedger;
  /** Takes a configuration into use, without ending what runs. */
  readonly apply: ConfigDeskParts['apply'];
  readonly keys?: KeyDesk | undefined;
  readonly budgetStanding: ControlContext['budgetStanding'];
}

export interface ControlListener {
  readonly url: string;
  /** Where a browser on this machine finds the page; undefined where it is not built, or other machines may come. */
  readonly pageUrl: string | undefined;
  readonly stop: (graceMs: number) => Promise<void>;
}

const headerBytes = 16_384;
/** People and their scripts; a burst of them is small. */
const waitingOperators = 511;
const newSecret = (): string => randomBytes(32).toString('base64url');

/** Serves the control API and the page on a listener of their own. */
export async function listenForControl(opened: OpenedConfig, gateway: ControlledGateway, around: ControlSurroundings): Promise<ControlListener> {
  const { clock, say, onHangup } = around;
  const { control } = opened.loaded.config;
  const { directory, tls } = control;
  const loopbackOnly = hostReach(control.host) === 'loopback';
  const users = readState(() => new UserBook(new StateFile(join(directory, 'users.json'))), 'users.json');
  if (!loopbackOnly && !users.all().some(({ role }) => role === 'admin')) throw new StartProblem(noAdmin(control.host));
  const secret = readState(() => (control.secret === undefined ? StateSecret.in(directory) : new StateSecret(control.secret)), 'control-secret');
  const tokens = readState(() => new TokenBook({ file: new StateFile(join(directory, 'tokens.json')), secret, clock, newSecret }), 'tokens.json');
  const events = new EventHub(clock);
  const audit = await AuditLog.open({
    directory,
    clock,
    say,
    onEntry: ({ seq, actor, action, target, outcome }) => events.emit('audit', { seq, by: actor.name, action, target, outcome }),
  });
  const apply: ConfigDeskParts['apply'] = async (next) => {
    webhooks.use(next.webhooks);
    return around.apply(next);
  };
  const config: ConfigDesk = new ConfigDesk({ ...opened, audit, events, clock, apply });
  const dependence = new DependenceDesk({
    gateway,
    ledger: around.ledger,
    config: () => config.inUse,
    sloClasses: () => [...config.inUse.routing.rules.classes.values()],
    clock,
  });
  const shareWatch = new ShareWatch(
    { caps: gateway.caps, report: (windowMs) => dependence.report(windowMs), rules: () => config.inUse.dependence },
    events,
    clock,
  );
  onHangup(() => void reload(config, say));
  const sessions = new Sessions(usualSessionRules, clock, newSecret);
  const page = readPageFiles(around.pageFolder);
  const stateWatch = new StateWatch({ endpoints: gateway.endpoints, budgets: around.budgetStanding }, events, clock);
  const webhooks = tellWebhooks({ events, stateWatch, clock, say });
  const stopping = new AbortController();
  const context = {
    gateway,
    ledger: around.ledger,
    dependence,
    signIn: new SignIn({ users, tokens, sessions, secret, clock, adminsNeedTotp: !loopbackOnly }),
    keys: around.keys,
    audit,
    config,
    events,
    stateWatch,
    budgetStanding: around.budgetStanding,
    page,
    clock,
    loopbackOnly,
    isSecure: tls !== undefined,
    stopping: stopping.signal,
    report: say,
  };
  const served = serveControl(context, { headerBytes, headersTimeoutMs: 5000, requestTimeoutMs: 15_000 });
  const secure = tls === undefined ? undefined : tlsListener(tls, (socket) => served.server.accept(socket), say);
  if (secure !== undefined) onHangup(secure.reload);
  const scheme = secure === undefined ? 'http' : 'https';
  const at = { host: control.host, port: control.port, backlog: waitingOperators, scheme, option: '--control-port' } as const;
  const url = await listenOn(secure?.server ?? served.server.listener, at);
  // Not before it listens: a start that fails must leave nothing behind that runs.
  webhooks.use(config.inUse.webhooks);
  shareWatch.start();
  return {
    url,
    pageUrl: page.has('/') && loopbackOnly ? url : undefined,
    stop: async (graceMs) => {
      secure?.stop();
      stopping.abort();
      shareWatch.stop();
      await webhooks.stop();
      await served.stop(graceMs);
      await audit.close();
    },
  };
}

/** SIGHUP reads the file again. A wrong one changes nothing, and is told of. */
async function reload(config: ConfigDesk, say: (message: string) => void): Promise<void> {
  const done = await config.reload({ kind: 'gateway', name: 'SIGHUP', role: 'admin', address: 'this machine' }).catch(String);
  if (typeof done === 'string') return say(`the configuration was not read again: ${done}`);
  if (!done.ok) return say(`the configuration was not read again, and the one before stays: ${faultMessage(done.failure)}`);
  const { needsRestart } = done.value;
  say(`the configuration was read again.${needsRestart.length === 0 ? '' : ` These sections wait for a new start: ${needsRestart.join(', ')}.`}`);
}

function readState<Value>(open: () => Value, name: string): Value {
  try {
    return open();
  } catch (error) {
    throw new StartProblem(`The control state cannot be read: ${name} (${error instanceof Error ? error.message.split('\n')[0] : String(error)}).`);
  }
}

function noAdmin(host: string): string {
  return `The control API shall listen on ${host}, where other machines could reach it, and nobody could sign in. Start once with \`control.host: 127.0.0.1\`, add an admin (\`second-source users add NAME --role admin\`), then start again; or leave \`control.host\` out.`;
}
