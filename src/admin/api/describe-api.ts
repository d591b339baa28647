import { z } from 'zod';
import type { ControlRoute } from '../control-route.ts';

/** What every route may answer with instead. */
const errorSchema = z.strictObject({
  error: z.strictObject({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
});

/** The control API in OpenAPI 3.1, made from the very schemas that requests are checked with. */
export function describeApi(routes: readonly ControlRoute[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Second Source control API',
      version,
      description: 'Served by the control listener. Errors have the same form everywhere; docs/errors.md lists their codes.',
    },
    paths,
    components: {
      schemas: { error: schemaOf(errorSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A control token, `sst_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'second-source', description: 'Over TLS `__Host-second-source`.' },
      },
    },
  };
}

function operationOf({ method, path, role, summary, query, body, answer }: ControlRoute): Record<string, unknown> {
  return {
    operationId: operationId(method, path),
    summary,
    'x-least-role': role,
    security: role === 'anybody' ? [] : [{ token: [] }, { session: [] }],
    parameters: [...pathParameters(path), ...queryParameters(query), controlHeader],
    ...(body === undefined ? {} : { requestBody: { required: false, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      200: { description: 'Done.', content: contentOf(answer) },
      default: { description: 'What is wrong.', content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } } },
    },
  };
}

const controlHeader = {
  name: 'x-second-source-control',
  in: 'header',
  required: true,
  description: '`1`; for a change by cookie, the session’s own token.',
  schema: { type: 'string' },
};

function contentOf(answer: ControlRoute['answer']): Record<string, unknown> {
  if (answer instanceof z.ZodType) return { 'application/json': { schema: schemaOf(answer, 'output') } };
  return { [answer.contentType]: { schema: { type: 'string' } } };
}

function pathParameters(path: string): readonly Record<string, unknown>[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(query: z.ZodType): readonly Record<string, unknown>[] {
  const { properties = {} } = z
    .object({ properties: z.record(z.string(), z.record(z.string(), z.unknown())).optional() })
    .parse(schemaOf(query, 'input'));
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({ name, in: 'query', required: false, description, schema }));
}

function operationId(method: string, path: string): string {
  const words = path
    .replace('/control/v1/', '')
    .split(/[/.]/)
    .map((part) => part.replace(/^\{(.+)\}$/, 'by-$1'));
  return [method.toLowerCase(), ...words].join('-');
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
