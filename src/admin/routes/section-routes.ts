import { z } from 'zod';
import { answered, changeRoute, nothing, readRoute, refused, type ControlRoute } from '../control-route.ts';
import { budgetsSchema } from '../../config/budget-schema.ts';
import { changedSchema, changeOutcome, etagOf, expectedVersion } from './config-answers.ts';
import { endpointSchema } from '../../config/endpoint-schema.ts';
import { entryName } from '../../config/overlay-entries.ts';
import { pricesSchema } from '../../config/price-schema.ts';
import { teamSchema } from '../../config/team-schema.ts';

/** A part of the configuration with routes of its own. */
interface Part {
  readonly path: `/control/v1/${string}`;
  /** Where it stands in the file; `{name}` is filled from the path. */
  readonly parts: readonly string[];
  readonly what: string;
  /** As in the file, whose schema checks the whole once more. */
  readonly shape: z.ZodType;
}

const valueSchema = z.strictObject({ version: z.number(), value: z.unknown() });

function nameOf(parts: readonly string[], params: Readonly<Record<string, string>>): string {
  return entryName(parts.map((part) => params[/^\{(.+)\}$/.exec(part)?.[1] ?? ''] ?? part));
}

/** Shows, sets and takes out one part, as a change of the overlay like any other. */
function partRoutes({ path, parts, what, shape }: Part): readonly ControlRoute[] {
  return [
    readRoute(
      { method: 'GET', path, role: 'viewer', summary: `Shows ${what}, as it would stand in the file.` },
      { query: nothing, answer: valueSchema },
      ({ config }, { params }) => {
        const value = config.at(nameOf(parts, params));
        if (value === undefined) return refused('no_such_entry');
        return answered({ version: config.version, value }, { etag: etagOf(config.version) });
      },
    ),
    changeRoute(
      { method: 'PUT', path, role: 'admin', summary: `Sets ${what}.` },
      { body: shape, answer: changedSchema },
      async ({ config }, { actor, params, headers, sent }) => {
        const change = { name: nameOf(parts, params), value: z.json().parse(sent) };
        return changeOutcome(await config.change(actor, [change], expectedVersion(headers)));
      },
    ),
    changeRoute(
      { method: 'DELETE', path, role: 'admin', summary: `Takes ${what} out.` },
      { body: nothing, answer: changedSchema },
      async ({ config }, { actor, params, headers }) =>
        changeOutcome(await config.change(actor, [{ name: nameOf(parts, params) }], expectedVersion(headers))),
    ),
  ];
}

function listRoute(path: `/control/v1/${string}`, parts: readonly string[], what: string): ControlRoute {
  return readRoute(
    { method: 'GET', path, role: 'viewer', summary: `Shows ${what}, as it would stand in the file.` },
    { query: nothing, answer: valueSchema },
    ({ config }) => answered({ version: config.version, value: config.at(entryName(parts)) ?? null }, { etag: etagOf(config.version) }),
  );
}

const { teams, keys, whole } = budgetsSchema.shape;

const parts: readonly Part[] = [
  {
    path: '/control/v1/endpoints/{id}',
    parts: ['endpoints', '{id}'],
    what: 'an endpoint',
    shape: endpointSchema.omit({ id: true }),
  },
  { path: '/control/v1/teams/{id}', parts: ['teams', '{id}'], what: 'a team', shape: teamSchema.omit({ id: true }) },
  {
    path: '/control/v1/budgets/teams/{team}',
    parts: ['budgets', 'teams', '{team}'],
    what: 'what a team may use',
    shape: teams.unwrap().element.omit({ team: true }),
  },
  {
    path: '/control/v1/budgets/keys/{key}',
    parts: ['budgets', 'keys', '{key}'],
    what: 'what a key may use',
    shape: keys.unwrap().element.omit({ key: true }),
  },
  { path: '/control/v1/budgets/whole', parts: ['budgets', 'whole'], what: 'what all together may use', shape: whole },
  { path: '/control/v1/prices', parts: ['prices'], what: 'the prices', shape: pricesSchema },
];

/** Parts of the configuration that are changed so often that they have routes of their own. */
export const sectionRoutes: readonly ControlRoute[] = [
  ...parts.flatMap(partRoutes),
  listRoute('/control/v1/teams', ['teams'], 'all teams'),
  listRoute('/control/v1/budgets', ['budgets'], 'all budgets and limits'),
];
