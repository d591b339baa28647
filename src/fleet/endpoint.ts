import type { EndpointKey } from './endpoint-key.ts';
import type { EndpointReach } from './endpoint-reach.ts';
import type { Silicon } from './silicon.ts';

/** Where an endpoint listens. `origin` is scheme, host and port; `basePath` ends with `/v1` (no trailing slash). */
export type EndpointAddress =
  | { readonly kind: 'url'; readonly origin: string; readonly basePath: string }
  | { readonly kind: 'socket'; readonly socketPath: string; readonly basePath: string };

export interface Prefill {
  /**
   * By vLLM's two fields; as llama.cpp's server does by default, by a last message of the assistant's; or by the flag
   * `prefix` on that message, as DeepSeek and Mistral have it.
   */
  readonly form: 'continue-final-message' | 'trailing-assistant' | 'prefix-flag';
  /** Whether its answer begins with the given text once more. */
  readonly repeats: boolean;
}

/**
 * What a processor keeps of a prompt once it is answered: nothing, for 30 days at most (as vendors do against abuse),
 * longer, or so that models may be trained on it.
 */
export const retentions = ['none', 'days', 'long', 'training'] as const;

export type Retention = (typeof retentions)[number];

/** A place that answers (DESIGN §2). What changes while it runs (health, load) is kept in `EndpointState`. */
export interface Endpoint {
  readonly id: string;
  readonly address: EndpointAddress;
  readonly dialect: 'openai' | 'anthropic' | 'gemini';
  /** The name of the profile of quirks it speaks with (`protocol/profiles/`); undefined where it has none. */
  readonly profile?: string;
  /** Azure's dated version of its API, where the deployment stands in the path. */
  readonly apiVersion?: string | undefined;
  readonly silicon: Silicon;
  /** The company that sees the prompt: `self` for an engine on this machine. */
  readonly processor: string;
  readonly region: string | undefined;
  /** What becomes of a prompt there after its answer; undefined where nobody said. */
  readonly retention?: Retention | undefined;
  /** What it shares with others: two endpoints with a name in common are lost together. */
  readonly failureDomains: readonly string[];
  /** The bearer key sent upstream, already resolved; only `upstream/` reads it. */
  readonly key: string | undefined;
  /** Whether it takes prompts as token ids and gives the ids of its output (`return_token_ids`). */
  readonly tokenIds: boolean;
  /** Whether it may tell an id before the text that it stands for, as engines do that hold text back for stop strings. */
  readonly idsLeadText: boolean;
  /** How it continues an assistant's message that was begun, where it declares that it does. */
  readonly prefill: Prefill | undefined;
  /** Whether an abandoned request is computed and billed to its end all the same: then its usage is waited for. */
  readonly billsAbandoned: boolean;
  /** Whether it tells what a prompt costs without answering it, by our engine's own route. */
  readonly countsPrompts?: boolean;
  /** Where its engine tells its own gauges: a path on its host, or a URL; undefined where it tells none. */
  readonly gauges?: string | undefined;
  /** Request fields beyond the published API that this endpoint understands. */
  readonly extensions: readonly string[];
  readonly passUnknownFields: boolean;
  /** Whether its name may resolve to an address of this machine or of a private network. */
  readonly allowPrivate: boolean;
  /** Its certificates and its proxy; undefined for a direct connection that the public authorities vouch for. */
  readonly reach?: EndpointReach | undefined;
  /** Several keys instead of one: a pool from which each attempt takes its own. */
  readonly keys?: readonly EndpointKey[] | undefined;
  /** What it costs an hour, used or not, where it is the operator's own: no part of what a request is charged. */
  readonly usdPerHour?: number | undefined;
}
