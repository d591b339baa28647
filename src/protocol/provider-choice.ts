import { z } from 'zod';

const NAMES = 64;
const NAME_CHARACTERS = 128;
/** US dollars; no model costs more (`config/price-schema.ts`). */
const MOST_USD = 10_000;

/** OpenRouter's names; `unknown` is what declares none. */
export const quantizationNames = ['int4', 'int8', 'fp4', 'fp6', 'fp8', 'fp16', 'bf16', 'fp32', 'unknown'] as const;

/** What endpoints are put in order by, where the client says so: the objective of the gateway does not count then. */
export type ProviderSort = 'price' | 'throughput' | 'latency';

/** Names of vendors or chips, in whatever case. `order` prefers, `only` restricts, `ignore` excludes. */
export interface NameChoice {
  readonly only: readonly string[];
  readonly order: readonly string[];
  readonly ignore: readonly string[];
}

/** The most that a request may cost; an endpoint whose price is not known is over it. */
export interface MostPrice {
  readonly inputUsdPerMtok: number | undefined;
  readonly outputUsdPerMtok: number | undefined;
}

/** Which endpoints the client allows, in the ecosystem's `provider` field: ours, removed before dispatch. */
export interface ProviderChoice extends NameChoice {
  /** Whether others may be tried after those of `order`, or after the first where there is no `order`. */
  readonly allowFallbacks: boolean;
  /** Whether every field of the request must be known to the endpoint, rather than passed on unread. */
  readonly requireParameters: boolean;
  /** Empty: any. */
  readonly quantizations: readonly string[];
  readonly sort: ProviderSort | undefined;
  readonly maxPrice: MostPrice | undefined;
  readonly silicon: NameChoice | undefined;
}

const names = z.array(z.string().min(1).max(NAME_CHARACTERS)).max(NAMES).nullish();
const flag = z.boolean().nullish();
const usdPerMtok = z.number().min(0).max(MOST_USD).nullish();

/**
 * By the names that OpenRouter documents (https://openrouter.ai/docs/features/provider-routing), and `silicon`, ours.
 * Strict: a preference that we do not know might be a privacy rule, and is not to be ignored in silence.
 */
export const providerShape = z
  .strictObject({
    only: names,
    order: names,
    ignore: names,
    allow_fallbacks: flag,
    require_parameters: flag,
    quantizations: z.array(z.enum(quantizationNames)).max(quantizationNames.length).nullish(),
    sort: z.enum(['price', 'throughput', 'latency']).nullish(),
    max_price: z.strictObject({ prompt: usdPerMtok, completion: usdPerMtok }).nullish(),
    silicon: z.strictObject({ only: names, order: names, ignore: names }).nullish(),
  })
  .nullish();

type ProviderFields = NonNullable<z.infer<typeof providerShape>>;

export function providerChoice(provider: ProviderFields | null | undefined): ProviderChoice | undefined {
  if (provider === undefined || provider === null) return undefined;
  const { max_price: most, silicon } = provider;
  return {
    ...nameChoice(provider),
    allowFallbacks: provider.allow_fallbacks ?? true,
    requireParameters: provider.require_parameters ?? false,
    quantizations: provider.quantizations ?? [],
    sort: provider.sort ?? undefined,
    maxPrice: most == null ? undefined : { inputUsdPerMtok: most.prompt ?? undefined, outputUsdPerMtok: most.completion ?? undefined },
    silicon: silicon == null ? undefined : nameChoice(silicon),
  };
}

function nameChoice({ only, order, ignore }: Pick<ProviderFields, 'only' | 'order' | 'ignore'>): NameChoice {
  return { only: only ?? [], order: order ?? [], ignore: ignore ?? [] };
}
