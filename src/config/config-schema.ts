import { z } from 'zod';
import { budgetsSchema } from './budget-schema.ts';
import { controlSchema } from './control-schema.ts';
import { endpointSchema } from './endpoint-schema.ts';
import { ledgerSchema } from './ledger-schema.ts';
import { listenTlsSchema, networkSchema } from './reach-schema.ts';
import { hourlyPrice, priceSchema, pricesSchema } from './price-schema.ts';
import { identifier, quantization, secretReference, wholeNumber, word } from './schema-parts.ts';
import { capSchema, chipSchema, controlGroupSchema, dependenceSchema, vendorSchema, webhookSchema } from './share-schema.ts';
import { routingSchema } from './routing-schema.ts';
import { keyStoreSchema, teamSchema } from './team-schema.ts';
import type { BudgetConfig } from './resolve-budgets.ts';
import type { CapConfig } from './resolve-shares.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';
import type { EndpointReach } from '../fleet/endpoint-reach.ts';
import type { Price } from '../fleet/deployment.ts';
import type { PriceEntry } from '../budget/price-book.ts';
import type { RoutingConfig } from './resolve-routing.ts';
import type { ResolvedProfile } from './resolve-profile.ts';
import type { NamedSecret } from './resolve-listen-keys.ts';
import type { Silicon } from '../fleet/silicon.ts';
import type { SiliconSayings } from '../fleet/chips/silicon-book.ts';
import type { Team } from '../access/team-book.ts';
import type { WebhookConfig } from './resolve-webhooks.ts';

const mebibyte = 1024 * 1024;

const listenSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(253)
    .default('127.0.0.1')
    .describe('Address to listen on. Anything other than a loopback address needs `publicAccess: true` and a key.'),
  port: wholeNumber(0, 65_535).default(4000).describe('TCP port; 0 takes any free one.'),
  backlog: wholeNumber(16, 65_535)
    .default(4096)
    .describe(
      'Connections that may wait to be accepted. The kernel drops what comes beyond it, and a client tries again a second later. On Linux `net.core.somaxconn` bounds it as well.',
    ),
  publicAccess: z.boolean().default(false).describe('Says that other machines may reach the gateway. Needs at least one of `keys`, or `teams`.'),
  keys: z
    .array(secretReference)
    .max(1000)
    .default([])
    .describe(
      'Keys that clients must send as `Authorization: Bearer KEY`, each as `env:NAME` or `file:PATH`. Without any, and without teams, whoever reaches the port may use it.',
    ),
  tls: listenTlsSchema
    .optional()
    .describe('Certificate to listen with over TLS 1.2 or newer. The files are read again when they change and on SIGHUP. Default: plain HTTP.'),
});

const engineSchema = z.strictObject({
  id: identifier.describe('Name of the engine as an endpoint, unique in this file.'),
  model: z.string().min(1).max(4096).describe('Path of a GGUF file, relative to this file.'),
  name: z.string().min(1).max(256).optional().describe('Name of the model to clients. Default: the file’s name without `.gguf`.'),
  gpu: z
    .union([z.literal(false), z.enum(['auto', 'vulkan', 'cuda', 'metal'])])
    .default(false)
    .describe('Device to compute on: `false` is the CPU, `auto` the best that this machine supports.'),
  sequences: wholeNumber(1, 256).default(4).describe('How many requests decode at once; each owns a full context.'),
  contextTokens: wholeNumber(64, 16_777_216).optional().describe('Context of each sequence in tokens. Default: the model’s own.'),
  threads: z
    .union([z.literal('measure'), wholeNumber(1, 1024)])
    .default('measure')
    .describe('Threads to decode with; `measure` times some at start and takes the fastest number.'),
  quantization: quantization.optional().describe('Of its weights, for requests that ask for certain ones (`provider.quantizations`).'),
  price: priceSchema.optional().describe('What its tokens cost you, for the ledger. Without it the cost is unknown, not zero.'),
  usdPerHour: hourlyPrice.optional().describe('What it costs an hour, used or not. It is shown, and no part of what a request is charged.'),
  region: word.default('local').describe('Where this machine stands, for the approvals of teams. Its emulators are there too.'),
});

const emulatorSchema = z.strictObject({
  id: identifier.describe('Name of the emulator as an endpoint, unique in this file.'),
  profile: z.string().min(1).max(128).describe('The chip to behave like; `second-source emulate --list` names the profiles.'),
  engine: z.string().min(1).max(128).describe('Id of the engine in `engines` that computes the tokens.'),
  seed: wholeNumber(0, 4_294_967_295).optional().describe('Seed of its jitter, so that a run can be repeated.'),
});

const limitsSchema = z.strictObject({
  requestBodyBytes: wholeNumber(1024, 1024 * mebibyte)
    .default(10 * mebibyte)
    .describe('Largest request body.'),
  headerBytes: wholeNumber(1024, mebibyte).default(16_384).describe('Largest head of a request, and of an endpoint’s response.'),
  connectTimeoutMs: wholeNumber(1, 600_000).default(2000).describe('Time to connect to an endpoint.'),
  ttftTimeoutMs: wholeNumber(1, 3_600_000).default(30_000).describe('Time from dispatch to the first content.'),
  stallTimeoutMs: wholeNumber(1, 3_600_000).default(10_000).describe('Longest pause between two pieces of content.'),
  totalTimeoutMs: wholeNumber(1, 86_400_000).default(600_000).describe('Time for a whole answer, over all attempts.'),
  heartbeatMs: wholeNumber(100, 600_000).default(10_000).describe('Silence after which a waiting client is sent its headers and a comment.'),
  lineBytes: wholeNumber(1024, 1024 * mebibyte)
    .default(mebibyte)
    .describe('Longest line in an endpoint’s stream.'),
  eventBytes: wholeNumber(1024, 1024 * mebibyte)
    .default(4 * mebibyte)
    .describe('Largest event in an endpoint’s stream.'),
  upstreamBodyBytes: wholeNumber(1024, 1024 * mebibyte)
    .default(32 * mebibyte)
    .describe('Largest answer of an endpoint that is not a stream.'),
  attemptsPerRequest: wholeNumber(1, 10).default(3).describe('Tries of one request, the first included.'),
  continuationsPerRequest: wholeNumber(0, 10).default(2).describe('How often one answer may be continued elsewhere after its endpoint was lost.'),
  parkedWaitMs: wholeNumber(0, 600_000)
    .default(2000)
    .describe('How long a request waits where every endpoint of its model asked for time; longer, and the client is told when to come again.'),
  clientWriteStallMs: wholeNumber(1000, 3_600_000).default(30_000).describe('How long a client may take nothing of its answer before it is cut off.'),
  concurrentRequests: wholeNumber(1, 1_000_000).default(1000).describe('Requests at once; further ones get a 503 with `retry-after`.'),
  eventLoopLagMs: wholeNumber(1, 60_000)
    .default(100)
    .describe(
      'New requests get a 503 with `retry-after` while the gateway’s event loop lags by more (p99 over 5 s, twice in a row) and 16 requests or more are under way.',
    ),
  drainMs: wholeNumber(0, 3_600_000).default(30_000).describe('How long running answers may go on after the gateway was asked to stop.'),
});

const idempotencySchema = z.strictObject({
  maxEntries: wholeNumber(1, 10_000_000).default(10_000).describe('Idempotency keys known at once, running requests included.'),
  maxBytes: wholeNumber(mebibyte, 1024 * 1024 * mebibyte)
    .default(64 * mebibyte)
    .describe('Memory for stored answers; one answer may take a sixteenth of it. Prompts are never stored.'),
  keepMs: wholeNumber(1000, 86_400_000).default(86_400_000).describe('How long an answer is given again to a request with the same key.'),
});

const storedResponsesSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Whether `/v1/responses` keeps conversations for `previous_response_id`. They hold prompts and answers, in the memory of this process only. Off, `store: true` is refused.',
    ),
  maxEntries: wholeNumber(1, 1_000_000).default(1000).describe('Responses kept at once; the oldest makes room.'),
  maxBytes: wholeNumber(mebibyte, 1024 * 1024 * mebibyte)
    .default(64 * mebibyte)
    .describe('Memory for them; one may take a sixteenth of it.'),
  keepMs: wholeNumber(1000, 2_592_000_000).default(3_600_000).describe('How long each is kept; at most 30 days.'),
});

const healthSchema = z.strictObject({
  failuresInARow: wholeNumber(1, 1000).default(2).describe('Failures in a row after which an endpoint is avoided for a while.'),
  ejectionMs: wholeNumber(1, 3_600_000).default(1000).describe('How long it is avoided the first time; each further time is twice as long.'),
  longestEjectionMs: wholeNumber(1, 86_400_000).default(30_000).describe('The longest that it is avoided before one request tries it again.'),
  setAsideMs: wholeNumber(1, 86_400_000)
    .default(60_000)
    .describe('The same for what only a person can repair: a refused key, an empty account, a bad certificate, a model that is not there.'),
  longestSetAsideMs: wholeNumber(1, 86_400_000).default(600_000).describe('The longest of these.'),
  slowStartMs: wholeNumber(0, 3_600_000).default(10_000).describe('Over how long its share grows back after its return.'),
});

const hedgingSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether a second endpoint is asked too when the first is slower than 95 % of its answers were. It costs tokens of both.'),
  leastDelayMs: wholeNumber(0, 600_000).default(100).describe('The least to wait before that, however fast the endpoint usually is.'),
});

const continuationSchema = z.strictObject({
  lowest: z
    .enum(['exact', 'token-ids', 'prefill', 'none'])
    .default('prefill')
    .describe(
      'The least that a continuation must be: `exact` (the very tokens that were lost), `token-ids` (from the very ids, on another engine build too), `prefill` (from the released text), `none` (never). A request can ask for more, not for less.',
    ),
  hold: z
    .enum(['none', 'structured'])
    .default('none')
    .describe(
      'What is held back until it is whole, so that a loss before that restarts unseen: `structured` are tool calls and answers in JSON. They then come in one piece.',
    ),
  holdBytes: wholeNumber(1024, 1024 * mebibyte)
    .default(mebibyte)
    .describe('How much of one answer is held at most; what is longer is released as it comes.'),
});

const responsesSchema = z.strictObject({
  provenance: z
    .enum(['full', 'headers', 'body', 'none'])
    .optional()
    .describe(
      'Where answers say which vendor’s silicon made them: in headers, in `second_source` of the body, in both or nowhere. Default: `full`, or `body` where `provenanceHeaders` is false.',
    ),
  provenanceHeaders: z
    .boolean()
    .default(true)
    .describe('The older way to say `provenance: body` (false). Without effect where `provenance` is given.'),
});

/** The one schema of `second-source.yaml`: types, defaults, JSON Schema and the table in the docs come from it. */
export const configSchema = z.strictObject({
  listen: listenSchema.prefault({}).describe('Where clients reach the gateway.'),
  control: controlSchema.prefault({}).describe('Where operators reach the gateway: the page and the control API. `docs/control.md` explains it.'),
  processes: wholeNumber(1, 64)
    .default(1)
    .describe('How many processes serve the one port, so that as many cores are used; more than one needs Linux. `docs/processes.md` explains it.'),
  teams: z.array(teamSchema).max(10_000).default([]).describe('Who has keys, and who may see whose prompts. `docs/keys.md` explains it.'),
  keyStore: keyStoreSchema.prefault({}).describe('Where the keys of teams are kept.'),
  endpoints: z.array(endpointSchema).max(1000).default([]).describe('Places that answer: APIs and engines that run elsewhere.'),
  engines: z.array(engineSchema).max(64).default([]).describe('Engines that the gateway runs on this machine.'),
  emulators: z
    .array(emulatorSchema)
    .max(64)
    .default([])
    .describe('Endpoints that behave like a named chip, for trials. Labelled so everywhere; their tokens never count as that vendor’s.'),
  network: networkSchema.prefault({}).describe('How endpoints are reached. `docs/reach.md` explains it.'),
  limits: limitsSchema.prefault({}).describe('Bounds of sizes, times and numbers.'),
  continuation: continuationSchema.prefault({}).describe('Answers that lose their endpoint in the middle.'),
  idempotency: idempotencySchema.prefault({}).describe('Answers kept for requests that carry the header `Idempotency-Key`.'),
  storedResponses: storedResponsesSchema.prefault({}).describe('Responses that a later request may go on from by `previous_response_id`.'),
  health: healthSchema.prefault({}).describe('When an endpoint that fails is avoided, and how it returns. `docs/resilience.md` explains it.'),
  hedging: hedgingSchema.prefault({}).describe('Asking two endpoints for one answer, against the slowest beginnings.'),
  routing: routingSchema.prefault({}).describe('Whom requests go to: objectives, SLO classes, stand-ins. `docs/routing.md` explains it.'),
  budgets: budgetsSchema.prefault({}).describe('What keys, teams and all together may use. `docs/budgets.md` explains it.'),
  prices: pricesSchema.prefault({}).describe('What tokens cost where endpoints and models do not say it themselves.'),
  vendors: z.array(vendorSchema).max(200).default([]).describe('Makers of chips beyond those that are known. `docs/dependence.md` lists these.'),
  controlGroups: z
    .array(controlGroupSchema)
    .max(100)
    .default([])
    .describe('Vendors whose supply is in one hand, where that differs from their names.'),
  chips: z.array(chipSchema).max(1000).default([]).describe('Facts of chips beyond those that are known, or instead of them.'),
  caps: z
    .array(capSchema)
    .max(64)
    .default([])
    .describe('The most that a vendor, control group, chip or endpoint may make of all. `docs/dependence.md` explains it.'),
  dependence: dependenceSchema.prefault({}).describe('When a vendor counts as lost, and what is told of N-1.'),
  webhooks: z.array(webhookSchema).max(32).default([]).describe('Who is told of events, by signed requests. `docs/dependence.md` explains it.'),
  ledger: ledgerSchema.prefault({}).describe('The record of attempts and charges.'),
  responses: responsesSchema.prefault({}).describe('What answers carry beyond the published API.'),
});

/** The file as written: what the schema accepts. */
export type ConfigInput = z.input<typeof configSchema>;

/** The file with its defaults, before secrets and addresses are resolved. */
export type ConfigFile = z.output<typeof configSchema>;

type EndpointEntry = ConfigFile['endpoints'][number];

export interface ModelConfig extends Omit<NonNullable<EndpointEntry['models']>[number], 'price'> {
  readonly price: Price | undefined;
}

export interface EndpointConfig
  extends
    Omit<
      EndpointEntry,
      'url' | 'key' | 'keys' | 'silicon' | 'models' | 'price' | 'allowPrivate' | 'tls' | 'proxy' | 'proxyCredentials' | keyof ResolvedProfile
    >,
    ResolvedProfile {
  readonly address: { readonly kind: 'url'; readonly origin: string; readonly basePath: string };
  readonly key: string | undefined;
  /** Several keys instead of one; empty where there is one or none. */
  readonly keys: readonly EndpointKey[];
  readonly reach: EndpointReach | undefined;
  readonly silicon: Silicon;
  /** Whether its host may resolve to a loopback or private address. */
  readonly allowPrivate: boolean;
  /** Undefined where they are to be discovered. */
  readonly models: readonly ModelConfig[] | undefined;
  /** Of its models that have none of their own. */
  readonly price: Price | undefined;
}

export interface EngineConfig extends Omit<ConfigFile['engines'][number], 'name' | 'price'> {
  readonly name: string;
  readonly price: Price | undefined;
}

export interface ControlConfig extends Omit<ConfigFile['control'], 'port' | 'directory'> {
  readonly port: number;
  readonly directory: string;
}

/** Prices that no endpoint gives. */
export interface PriceConfig {
  /** Those of the configuration itself, which come before a table's. */
  readonly own: readonly PriceEntry[];
  readonly table: { readonly path: string; readonly entries: readonly PriceEntry[] } | undefined;
  readonly cap: Price | undefined;
}

export interface KeyStoreConfig {
  readonly directory: string;
  readonly environment: string;
  /** Undefined where one of the gateway's own making is used. */
  readonly pepper: string | undefined;
  readonly previousPepper: string | undefined;
}

/** What the gateway runs with: defaults filled in, secrets read, addresses and paths resolved. */
export interface Config extends Omit<
  ConfigFile,
  | 'listen'
  | 'control'
  | 'teams'
  | 'keyStore'
  | 'endpoints'
  | 'engines'
  | 'responses'
  | 'routing'
  | 'budgets'
  | 'prices'
  | 'vendors'
  | 'controlGroups'
  | 'chips'
  | 'caps'
  | 'webhooks'
> {
  readonly listen: Omit<ConfigFile['listen'], 'keys'> & { readonly keys: readonly NamedSecret[] };
  readonly control: ControlConfig;
  readonly teams: readonly Team[];
  readonly keyStore: KeyStoreConfig;
  readonly budgets: BudgetConfig;
  readonly routing: RoutingConfig;
  readonly prices: PriceConfig;
  readonly vendors: SiliconSayings['vendors'];
  readonly controlGroups: SiliconSayings['controlGroups'];
  readonly chips: SiliconSayings['chips'];
  readonly caps: readonly CapConfig[];
  readonly webhooks: readonly WebhookConfig[];
  readonly responses: { readonly provenance: NonNullable<ConfigFile['responses']['provenance']> };
  readonly endpoints: readonly EndpointConfig[];
  readonly engines: readonly EngineConfig[];
}
