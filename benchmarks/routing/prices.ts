/**
 * What the benchmark's pools cost. Only ratios matter for a comparison, and each figure says where it is from.
 *
 * Rent of one chip for an hour, US dollars: InferenceX's constants of April 2026 for neoclouds' cost of ownership (H100 and
 * MI325X). Nobody in that table lists Gaudi 3: its rent is assumed.
 */
export const rentUsdPerChipHour = { nvidia: 1.69, amd: 1.59, intel: 1 } as const;

/**
 * US dollars per million tokens: three providers' listed prices of the very model that is simulated, Llama 3.1 8B
 * (models.dev, July 2026: Groq, Novita, OpenRouter's cheapest). Which chips they compute on is not known: the dearest
 * went to the fastest pool. None lists a lower price for cached prompts.
 */
export const tokenPrices = {
  nvidia: { inputUsdPerMtok: 0.05, cachedInputUsdPerMtok: 0.05, outputUsdPerMtok: 0.08 },
  amd: { inputUsdPerMtok: 0.02, cachedInputUsdPerMtok: 0.02, outputUsdPerMtok: 0.05 },
  intel: { inputUsdPerMtok: 0.02, cachedInputUsdPerMtok: 0.02, outputUsdPerMtok: 0.03 },
} as const;

export const priceNote =
  'Rents by the hour: H100 1.69 and MI325X 1.59 USD (InferenceX’s neocloud figures, April 2026), Gaudi 3 1.00 USD (assumed: nobody lists it). Prices by the token: three providers’ listed ones for Llama 3.1 8B (models.dev, July 2026), given to the pools by us; who computes on what is not known.';
