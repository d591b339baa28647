import { z } from 'zod';
import type { Config } from '../../config/config-schema.ts';
import type { Deployment } from '../../fleet/deployment.ts';
import type { Endpoint } from '../../fleet/endpoint.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';
import type { LeaseAccount, LeaseAsk, LeaseOrder } from '../../budget/leases/lease-message.ts';

/** An engine or emulator that the first process runs, as the others reach it. */
export interface ToldPlace {
  readonly endpoint: Endpoint;
  readonly deployments: readonly Deployment[];
  readonly state: 'starting' | 'ready' | 'down';
  /** Why it is down. */
  readonly fault: string | undefined;
}

/** All that a serving process must be told to begin. */
export interface Seat {
  /** Stands in the ids that this run of it makes, so that the ledger tells which charges were its own. */
  readonly mark: string;
  readonly index: number;
  readonly count: number;
  readonly config: Config;
  readonly port: number;
  /** Where the first process serves the page. */
  readonly pageUrl: string | undefined;
  /** For this user only: where each process listens for its siblings. */
  readonly folder: string;
  readonly places: readonly ToldPlace[];
  readonly notes: readonly (readonly [endpointId: string, note: string | null])[];
  readonly unplugged: readonly string[];
}

/** Both ends are of one build, and the kernel lets nobody between: the envelope is checked, what it holds is not. */
const held = <Held>() => z.custom<Held>((value) => value !== undefined);
const change = z.enum(['plug', 'unplug', 'drain']);

/** What the first process tells one that serves. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begin'), seat: held<Seat>() }),
  z.object({ kind: z.literal('place'), place: held<ToldPlace>() }),
  z.object({ kind: z.literal('notes'), notes: held<Seat['notes']>() }),
  z.object({ kind: z.literal('plugged'), endpointId: z.string(), change }),
  z.object({ kind: z.literal('configure'), config: held<Config>() }),
  z.object({ kind: z.literal('lease'), order: held<LeaseOrder>() }),
  z.object({ kind: z.literal('reload') }),
  z.object({ kind: z.literal('stop'), how: z.enum(['interrupt', 'terminate']) }),
]);

/** What a serving process tells the first. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('serving'), url: z.string(), endpoints: held<readonly EndpointStatus[]>() }),
  z.object({ kind: z.literal('said'), line: z.string() }),
  z.object({ kind: z.literal('problem'), message: z.string() }),
  z.object({ kind: z.literal('configured') }),
  z.object({ kind: z.literal('lease-ask'), ask: held<LeaseAsk>() }),
  z.object({ kind: z.literal('lease-account'), account: held<LeaseAccount>() }),
]);

export type Order = z.infer<typeof orderSchema>;
export type Report = z.infer<typeof reportSchema>;
