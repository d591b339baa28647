import type { Fleet } from '../fleet/fleet.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Demand } from '../policy/choose-deployments.ts';
import type { ClientBody } from '../protocol/build-upstream-body.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Ask } from '../policy/choice/ask.ts';
import type { Explanation } from '../policy/choice/explain-choice.ts';
import type { AdaptiveThrottle } from '../policy/adaptive-throttle.ts';
import type { EmptyAnswers } from '../policy/empty-answers.ts';
import type { KeyPools } from '../policy/key-pools.ts';
import type { LowestTier } from '../policy/continuation-tier.ts';
import type { RequestRouting } from './request-routing.ts';
import type { SharedTimeout } from '../std/shared-timeout.ts';
import type { RetryBudget } from '../policy/retry-budget.ts';
import type { Price } from '../fleet/deployment.ts';
import type { PriceBook } from '../budget/price-book.ts';
import type { Reservation } from '../budget/reservation.ts';
import type { Provenance } from './provenance.ts';
import type { TenantMark } from '../protocol/profiles/mark-tenant.ts';
import type { Transport } from './transport.ts';

export type AnswerForm = 'stream' | 'whole';

export type Route = 'chat' | 'completions' | 'embeddings';

/** The API that the client asked, which the ledger names: the last two are translated to chat and back. */
export type AskedApi = Route | 'messages' | 'responses';

/** A request that was authenticated, admitted and parsed: all that dispatch and relay need of it. */
export interface RelayRequest {
  readonly requestId: string;
  readonly tenant: string;
  readonly keyId: string;
  /** What stands for the tenant upstream; undefined where the gateway has one alone. */
  readonly tenantMark?: TenantMark | undefined;
  readonly route: Route;
  readonly api: AskedApi;
  readonly model: string;
  readonly body: ClientBody;
  readonly demand: Omit<Demand, 'turn' | 'ranker'>;
  /** What the choice goes by, where requests are routed by prediction. */
  readonly ask?: Ask | undefined;
  /** Hears why the first endpoint was chosen, where somebody asked. */
  readonly onChosen?: ((explanation: Explanation) => void) | undefined;
  readonly choices: number;
  readonly maxTokens: number | undefined;
  readonly seed: number | undefined;
  readonly sampling: 'greedy' | 'sampled';
  readonly hasTools: boolean;
  readonly stops: readonly string[];
  readonly responseFormat: 'text' | 'json_object' | 'json_schema';
  readonly logprobs: boolean;
  /** Whether the answer repeats the prompt or must fit before a suffix. */
  readonly framed: boolean;
  /** Whether the request ends with the assistant's text, which the answer continues. */
  readonly prefilled: boolean;
  /** The least that a continuation of this answer must be. */
  readonly lowestTier: LowestTier;
  /** Whether tool calls and JSON are held back until they are whole, so that a loss before that restarts unseen. */
  readonly holdsStructured: boolean;
  /** Whether the operator keeps from clients which silicon made which part of an answer. */
  readonly hidesSecondSource?: boolean;
  /** What the client itself asked to see. */
  readonly wantsUsage: boolean;
  readonly wantsTokenIds: boolean;
  /** A rough count for the reservation; usage replaces it. */
  readonly estimatedInputTokens: number;
  /** Images, sounds and files in the prompt. */
  readonly mediaParts?: number | undefined;
  /** What it holds of its payer's limits, where there are any: settled with the charge. */
  readonly reservation?: Reservation | undefined;
  /** What is charged where no price is known, for a payer with a budget of money. */
  readonly capPrice?: Price | undefined;
  /** Whether an SDK probably sent it again by itself (fault 82). */
  readonly probableRetry?: boolean;
  /** When the request had arrived whole, on the clock's monotonic scale. */
  readonly receivedAtMs: number;
}

export interface RelayLimits {
  readonly ttftTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly lineBytes: number;
  readonly eventBytes: number;
  readonly upstreamBodyBytes: number;
  readonly attemptsPerRequest: number;
  readonly continuationsPerRequest: number;
  /** How long a request waits in all for endpoints that asked for time. */
  readonly parkedWaitMs: number;
  /** How much of one answer is held back at most. */
  readonly holdBytes: number;
}

export interface RelayDependencies {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly fleet: Fleet;
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly limits: RelayLimits;
  /** `limits.totalTimeoutMs`, for all requests together. */
  readonly totalTimeout: SharedTimeout;
  /** Shared by all requests: an outage must not be multiplied by retries. */
  readonly retryBudget: RetryBudget;
  /** Turns requests away while a model's endpoints fail most of them. */
  readonly throttle: AdaptiveThrottle;
  /** After how long without content a second endpoint is tried beside this one; undefined where it is not. */
  readonly hedgeDelayMs: (candidate: Candidate, form: AnswerForm) => number | undefined;
  /** Hears how long each attempt took to its first content, which of a whole answer is all of it. */
  readonly heardFirst: (candidate: Candidate, form: AnswerForm, afterMs: number) => void;
  /** The keys of endpoints, and what is left of each one's limits. */
  readonly keys?: KeyPools;
  /** What tokens cost where a deployment does not say it itself. */
  readonly prices?: PriceBook;
  /** How often each deployment answers without a word. */
  readonly emptyAnswers: EmptyAnswers;
  /** Whom requests go to by what is expected of each; undefined: the least loaded, by turns. */
  readonly routing?: RequestRouting | undefined;
  /** Counts requests, so that equal endpoints take turns. */
  readonly nextTurn: () => number;
}

/** The client's side of a stream, as the relay needs it. */
export interface ClientStream {
  /** Sends the response's head. Nothing can fail over unseen afterwards. */
  readonly commit: (provenance: Provenance) => void;
  /** Returns false when the client reads too slowly; `onDrain` tells when it caught up. */
  readonly write: (bytes: Uint8Array) => boolean;
  /** The same with some of bytes that are only lent, for clients that keep none of them when it returns. */
  readonly writeLent?: (bytes: Uint8Array, start: number, end: number) => boolean;
  readonly onDrain: (run: () => void) => void;
  /** Runs once when the client has gone; at once if it had gone before. */
  readonly onGone: (run: () => void) => void;
}
