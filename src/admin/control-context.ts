import type { AuditLog } from './audit/audit-log.ts';
import type { BudgetStanding } from '../budget/budgets.ts';
import type { Clock } from '../std/clock.ts';
import type { ConfigDesk } from './overlay/config-desk.ts';
import type { ControlledGateway } from './controlled-gateway.ts';
import type { ControlledLedger } from './controlled-ledger.ts';
import type { DependenceDesk } from './dependence/dependence-desk.ts';
import type { EventHub } from './events/event-hub.ts';
import type { KeyBook } from '../access/key-book.ts';
import type { PageFiles } from './page-files.ts';
import type { StateWatch } from './events/state-watch.ts';
import type { SignIn } from './sign-in/sign-in.ts';

export type KeyDesk = Pick<KeyBook, 'list' | 'find' | 'create' | 'rotate' | 'revoke'>;

/** All that the routes of the control API share. Built once, in `compose/control-listener.ts`. */
export interface ControlContext {
  readonly gateway: ControlledGateway;
  /** Undefined where the ledger is none that can be read beside the requests, as in tests. */
  readonly ledger?: ControlledLedger | undefined;
  /** Undefined where there is no such ledger. */
  readonly dependence?: Pick<DependenceDesk, 'report'> | undefined;
  readonly signIn: SignIn;
  /** The keys of all teams; undefined where none are kept. */
  readonly keys: KeyDesk | undefined;
  readonly audit: AuditLog;
  readonly config: ConfigDesk;
  readonly events: EventHub;
  readonly stateWatch: StateWatch;
  /** How budgets stand of whoever asked for anything since the start. */
  readonly budgetStanding: () => readonly BudgetStanding[];
  readonly page: PageFiles;
  readonly clock: Clock;
  /** Whether only this machine can reach the listener. */
  readonly loopbackOnly: boolean;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
  /** Whether a gateway stops, so that live streams end. */
  readonly stopping: AbortSignal;
  /** Failures of the control API itself, for the operator's eyes. */
  readonly report: (message: string) => void;
}
