import { z } from 'zod';
import { identifier, word } from './schema-parts.ts';

/** No model costs more; a larger figure is one for another number of tokens. */
const usdPerMtok = z.number().min(0).max(10_000);

const priceShape = {
  inputUsdPerMtok: usdPerMtok.describe('US dollars per million input tokens.'),
  cachedInputUsdPerMtok: usdPerMtok
    .optional()
    .describe('US dollars per million input tokens that the endpoint had cached. Default: the input price.'),
  outputUsdPerMtok: usdPerMtok.describe('US dollars per million output tokens.'),
  reasoningUsdPerMtok: usdPerMtok
    .optional()
    .describe('US dollars per million output tokens that were reasoning, where the endpoint tells how many. Default: the output price.'),
  usdPerRequest: z.number().min(0).max(1000).optional().describe('US dollars for each request besides. Default: none.'),
};

export const priceSchema = z.strictObject(priceShape);

export const hourlyPrice = z.number().min(0).max(1_000_000);

const priceEntrySchema = z.strictObject({
  model: z.string().min(1).max(256).describe('The name that the endpoint itself uses for the model.'),
  endpoint: identifier.optional().describe('Id of the one endpoint where it holds. Default: any.'),
  processor: word.optional().describe('The company on whose endpoints it holds (`processor` of the endpoint). Default: any.'),
  ...priceShape,
});

const entries = z.array(priceEntrySchema).max(100_000);

/** A file of prices alone, which can be replaced while the gateway runs. */
export const priceTableSchema = z.strictObject({ models: entries });

export const pricesSchema = z.strictObject({
  models: entries
    .default([])
    .describe('Prices of models, for endpoints that give none themselves: the nearest entry counts (its endpoint, its processor, any).'),
  table: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Path of a file with further `models`, relative to this file; those that stand here come first. It is read again when it changes and on SIGHUP; a bad one changes nothing and is told of.',
    ),
  cap: priceSchema
    .optional()
    .describe(
      'What tokens are taken to cost, for keys with a budget of money, where no price is known. Without it such a request is refused. An unknown price is never 0.',
    ),
});

export type PriceFields = z.output<typeof priceSchema>;
export type PriceEntryFields = z.output<typeof priceEntrySchema>;
