/**
 * A part of the published request that an endpoint refuses, or takes and does not heed: the request goes elsewhere,
 * since dropping what a client asked for would change its answer. `path` is a member (`logprobs`), a member of it
 * (`response_format.type`), or one of each item of a list (`messages[].name`).
 */
export type Refusal =
  /** Whatever its value, save one that asks for nothing (`n: 1`): that is taken out of the body. */
  | { readonly path: string; readonly kind: 'always' }
  /** Only these values. */
  | { readonly path: string; readonly kind: 'values'; readonly values: readonly string[] }
  /** Only numbers above this one. */
  | { readonly path: string; readonly kind: 'above'; readonly most: number }
  /** Only texts that begin so, in whatever case. */
  | { readonly path: string; readonly kind: 'prefix'; readonly prefixes: readonly string[] }
  /** Only objects, where a word would be taken. */
  | { readonly path: string; readonly kind: 'object' };

/** How an endpoint keeps apart those who share its account; of use where the gateway has several tenants. */
export interface TenantQuirks {
  /** The member that parts its prefix caches (vLLM, SGLang), or that chooses among them (OpenAI). */
  readonly adds: 'cache_salt' | 'prompt_cache_key' | undefined;
  /** Members that name the client's own users, which only a digest of leaves the gateway. */
  readonly hides: readonly string[];
}

/** What a request must be changed in before an endpoint takes it. */
export interface RequestQuirks {
  readonly refuses: readonly Refusal[];
  /** Where it is given, any other member is refused unless it is `null` or empty: those of a translated dialect. */
  readonly onlyMembers: readonly string[] | undefined;
  /** From the published name to its own, on the chat route. */
  readonly renames: Readonly<Record<string, string>>;
  /** Extensions inside messages and tools that other dialects need: each is a hint without effect on the answer here. */
  readonly strips: readonly ('reasoning_content' | 'reasoning_signature' | 'cache_control')[];
  /** Whether it knows `system` alone: OpenAI's `developer` is the newer name of the same role. */
  readonly developerIsSystem: boolean;
  /** Whether usage comes in every stream, and asking for it (`stream_options`) is refused. */
  readonly usageUnasked: boolean;
  /** Undefined where its published API has no word for it: then nothing is added or changed. */
  readonly tenants: TenantQuirks | undefined;
}

/** How its answers differ; nothing here costs anything where all is as published. */
export interface AnswerQuirks {
  /** Its own words for why an answer ended. A word that stands neither here nor in the published API is a failure. */
  readonly finishReasons: Readonly<Record<string, 'stop' | 'length' | 'tool_calls' | 'content_filter'>>;
  /** Whether an answer that is a tool call ends with `stop`. */
  readonly callsEndWithStop: boolean;
  /** Whether several calls of one answer all have index 0, told apart by their ids alone. */
  readonly callsShareIndex: boolean;
  /** Whether `content` may be a list of parts, thinking among them. */
  readonly contentInParts: boolean;
  /** Where a stream tells its usage, besides `usage`. */
  readonly usageIn: 'usage' | 'x_groq.usage';
  /** Failures told with a status that blames the wrong side: a body that matches means `status` instead. */
  readonly statusRules: readonly { readonly from: number; readonly body: RegExp; readonly status: number }[];
}

/** How the endpoint tells its limits, for whoever keeps requests within them. */
export interface RateLimitQuirks {
  readonly headers: 'x-ratelimit' | 'anthropic-ratelimit' | 'cerebras' | 'none';
  /** The window that the requests' limit counts over. */
  readonly requestsPer: 'minute' | 'day' | 'unsaid';
}

/** What is known of a place's way of speaking, beyond the protocol that it speaks. Data alone: no profile has code. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly dialect: 'openai' | 'anthropic' | 'gemini';
  /** `recorded`: seen in a real engine's raw answers. `fixtures`: written from published pages, tried on fixtures only. */
  readonly proof: 'recorded' | 'fixtures';
  /** Where each fact was read. */
  readonly origins: readonly string[];
  readonly routes: readonly ('chat' | 'completions' | 'embeddings')[];
  readonly auth: 'bearer' | 'api-key' | 'x-api-key' | 'x-goog-api-key';
  readonly request: RequestQuirks;
  readonly answer: AnswerQuirks;
  readonly rateLimits: RateLimitQuirks;
  /** Request members beyond the published API that it understands. */
  readonly extensions: readonly string[];
  readonly tokenIds: boolean;
  readonly prefill: { readonly form: 'continue-final-message' | 'trailing-assistant' | 'prefix-flag'; readonly repeats: boolean } | undefined;
  /** Where the engine tells its own gauges, after its host; undefined where it tells none unless it is asked to. */
  readonly gauges: string | undefined;
  /** Where reasoning stands in messages and deltas; it passes as it came. */
  readonly reasoning: 'reasoning_content' | 'reasoning' | 'in content' | 'none known';
  /** What else an operator should know, each a sentence. */
  readonly notes: readonly string[];
}

/** A refusal of a member whatever its value, save those that ask for nothing. */
export function refuses(path: string): Refusal {
  return { path, kind: 'always' };
}

/** Nothing beyond the published API, nothing less: what an endpoint is taken for when nobody says more. */
export const plainProfile: Profile = {
  name: 'openai-compatible',
  title: 'OpenAI-compatible',
  dialect: 'openai',
  proof: 'fixtures',
  origins: ['https://platform.openai.com/docs/api-reference/chat'],
  routes: ['chat', 'completions', 'embeddings'],
  auth: 'bearer',
  request: {
    refuses: [],
    onlyMembers: undefined,
    renames: {},
    strips: ['reasoning_signature', 'cache_control'],
    developerIsSystem: false,
    usageUnasked: false,
    tenants: undefined,
  },
  answer: {
    finishReasons: {},
    callsEndWithStop: false,
    callsShareIndex: false,
    contentInParts: false,
    usageIn: 'usage',
    statusRules: [],
  },
  rateLimits: { headers: 'x-ratelimit', requestsPer: 'unsaid' },
  extensions: [],
  tokenIds: false,
  prefill: undefined,
  gauges: undefined,
  reasoning: 'none known',
  notes: [],
};

type Said = Partial<Omit<Profile, 'request' | 'answer' | 'origins' | 'name' | 'title'>> &
  Pick<Profile, 'name' | 'title' | 'origins'> & {
    readonly request?: Partial<RequestQuirks>;
    readonly answer?: Partial<AnswerQuirks>;
  };

/** A profile of which only what differs from the plain one need be said. */
export function profileFrom(said: Said): Profile {
  return {
    ...plainProfile,
    ...said,
    // The very object where nothing differs, so that whoever asks can tell at a glance.
    request: said.request === undefined ? plainProfile.request : { ...plainProfile.request, ...said.request },
    answer: said.answer === undefined ? plainProfile.answer : { ...plainProfile.answer, ...said.answer },
  };
}
