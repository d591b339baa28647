import { z } from 'zod';
import { identifier, wholeNumber } from './schema-parts.ts';

const hour = 3_600_000;
const modelName = z.string().min(1).max(256);
const objective = z.enum(['fastest', 'cheapest', 'balanced']);

const classSchema = z.strictObject({
  name: identifier.describe('Name of the class, as requests give it in the header `x-second-source-slo`.'),
  ttftMs: wholeNumber(1, hour).optional().describe('Time to the first token. Default: not judged.'),
  tpotMs: z.number().min(0.01).max(600_000).optional().describe('Time for each further token, over the whole answer. Default: not judged.'),
  totalMs: wholeNumber(1, 24 * hour)
    .optional()
    .describe('Time for the whole answer. Default: not judged.'),
  degradeTo: z
    .array(
      z.strictObject({
        model: modelName.describe('The model that was asked for.'),
        to: modelName.describe('The model that answers where that one has nobody, or no room.'),
      }),
    )
    .max(1000)
    .default([])
    .describe('Models that may stand in for others in this class. The answer and its charge name the one that answered.'),
});

const wishShape = {
  slo: identifier.optional().describe('Name of its SLO class.'),
  objective: objective.optional().describe('What is best for it.'),
};

export const routingSchema = z.strictObject({
  objective: objective
    .default('balanced')
    .describe('What is best where nothing else is said: `fastest`, `cheapest` within its SLO, or `balanced` between the two.'),
  slo: identifier.optional().describe('Name of the SLO class of requests of which nothing else is said. Default: none, and nothing is late.'),
  sloClasses: z
    .array(classSchema)
    .max(100)
    .default([])
    .describe('What requests shall keep to be good: `interactive`, `agent`, `batch` or other names.'),
  models: z
    .array(z.strictObject({ model: modelName.describe('Name of the model, as clients ask for it.'), ...wishShape }))
    .max(10_000)
    .default([])
    .describe('What holds for requests for a model.'),
  teams: z
    .array(z.strictObject({ team: identifier.describe('Id of the team.'), ...wishShape }))
    .max(10_000)
    .default([])
    .describe('What holds for requests of a team, before what holds for the model.'),
  keys: z
    .array(z.strictObject({ key: identifier.describe('Id of the key, not the key itself.'), ...wishShape }))
    .max(100_000)
    .default([])
    .describe('What holds for requests with a key, before what holds for its team.'),
  storedProfiles: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .describe(
          'Where what was learned of endpoints is kept over restarts, relative to this file. Default: `profiles.json` in the folder of the ledger.',
        ),
      everyMs: wholeNumber(1000, 24 * hour)
        .default(60_000)
        .describe('How often it is written.'),
    })
    .prefault({})
    .describe('What was learned of each endpoint’s speed, so that a restart does not begin from nothing.'),
  gaugesEveryMs: wholeNumber(100, hour)
    .default(1000)
    .describe('How often engines are asked for their own gauges (`endpoints[].gauges`), a little more or less each time.'),
});
