import { z } from 'zod';
import { configSchema } from './config-schema.ts';
import { isRecord } from '../std/is-record.ts';
import { nearestName } from '../std/nearest-name.ts';
import type { KeyPath } from './config-problem.ts';

export interface ExplainedIssue {
  readonly path: KeyPath;
  /** Whether the key itself is at fault, not its value. */
  readonly at: 'key' | 'value';
  readonly what: string;
  readonly fix: string;
}

const literalSecret = 'a secret must not stand in this file itself';

const jsonSchema: unknown = z.toJSONSchema(configSchema, { io: 'input' });

/** Turns what the schema found into sentences. No value is echoed: it might be a secret in the wrong place. */
export function explainIssue(issue: z.core.$ZodIssue, input: unknown): ExplainedIssue[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const schema = schemaAt(path);
  const fix = `Give ${describeAllowed(schema)}${defaultOf(schema)}.`;
  const say = (what: string, otherFix = fix): ExplainedIssue[] => [{ path, at: 'value', what, fix: otherFix }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, 100)
        .map((key) => ({ path: [...path, key], at: 'key', what: 'there is no such key here', fix: unknownKeyFix(key, schema) }));
    case 'invalid_type': {
      const given = valueAt(input, path);
      if (given === undefined) return say('is missing', missingFix(schema));
      return isSecret(schema) ? say(literalSecret) : say(`is ${kindOf(given)}, which cannot stand here`);
    }
    case 'invalid_format':
      return say(isSecret(schema) ? literalSecret : 'does not have the form that is needed', `Give ${issue.message}.`);
    case 'too_small':
      return say(bound(issue.origin, 'less', issue.minimum));
    case 'too_big':
      return say(bound(issue.origin, 'more', issue.maximum));
    case 'invalid_value':
    case 'invalid_union': {
      const given = valueAt(input, path);
      if (given === undefined) return say('is missing', missingFix(schema));
      const near = typeof given === 'string' ? nearestName(given, namesIn(schema)) : undefined;
      return say('is not one of the values that are possible here', near === undefined ? fix : `Did you mean \`${near}\`? ${fix}`);
    }
    default:
      return say('is not allowed');
  }
}

function missingFix(schema: unknown): string {
  return isRecord(schema) && typeof schema['description'] === 'string' ? `Add it. ${schema['description']}` : 'Add it.';
}

function unknownKeyFix(key: string, schema: unknown): string {
  const names = isRecord(schema) && isRecord(schema['properties']) ? Object.keys(schema['properties']) : [];
  const near = nearestName(key, names);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  return names.length === 0 ? 'Remove it.' : `Remove it, or use one of ${names.join(', ')}.`;
}

/** The part of the JSON Schema that describes the value at a path. */
function schemaAt(path: KeyPath): unknown {
  let schema = jsonSchema;
  for (const part of path) {
    if (!isRecord(schema)) return undefined;
    if (typeof part === 'number') schema = schema['items'];
    else schema = isRecord(schema['properties']) && Object.hasOwn(schema['properties'], part) ? schema['properties'][part] : undefined;
  }
  return schema;
}

function valueAt(input: unknown, path: KeyPath): unknown {
  let value = input;
  for (const part of path) {
    if (Array.isArray(value) && typeof part === 'number') value = value[part];
    else if (isRecord(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}

function isSecret(schema: unknown): boolean {
  return isRecord(schema) && typeof schema['pattern'] === 'string' && schema['pattern'].includes('env:');
}

/** What a value may be, in words: `a whole number from 0 to 65535`. */
export function describeAllowed(schema: unknown): string {
  const alternatives = alternativesOf(schema);
  return alternatives.length < 2 ? alternatives.join('') : `${alternatives.slice(0, -1).join(', ')} or ${alternatives.at(-1) ?? ''}`;
}

function alternativesOf(schema: unknown): string[] {
  if (!isRecord(schema)) return ['a value'];
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].flatMap(alternativesOf);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => `\`${String(value)}\``);
  if ('const' in schema) return [`\`${String(schema['const'])}\``];
  const { minimum, maximum } = schema;
  switch (schema['type']) {
    case 'integer':
      return [`a whole number from ${String(minimum)} to ${String(maximum)}`];
    case 'number':
      return [`a number from ${String(minimum)} to ${String(maximum)}`];
    case 'boolean':
      return ['`true`', '`false`'];
    case 'string':
      return isSecret(schema) ? ['`env:NAME`', '`file:PATH`'] : ['text'];
    case 'array':
      return ['a list'];
    case 'object':
      return ['a section of keys'];
    default:
      return ['a value'];
  }
}

function namesIn(schema: unknown): string[] {
  if (!isRecord(schema)) return [];
  const own = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  const inner = Array.isArray(schema['anyOf']) ? schema['anyOf'].flatMap(namesIn) : [];
  return [...own.filter((value) => typeof value === 'string'), ...inner];
}

function defaultOf(schema: unknown): string {
  const value = isRecord(schema) ? schema['default'] : undefined;
  return value === undefined || typeof value === 'object' ? '' : ` (default \`${String(value)}\`)`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      if (!Number.isFinite(value)) return 'no finite number';
      return Number.isInteger(value) ? 'a number' : 'a fraction';
    case 'boolean':
      return '`true` or `false`';
    default:
      return 'a section of keys';
  }
}

function bound(origin: string, direction: 'less' | 'more', limit: number | bigint): string {
  const counted = origin === 'string' ? 'characters' : origin === 'array' ? 'entries' : undefined;
  return counted === undefined ? `is ${direction} than ${limit}` : `has ${direction === 'less' ? 'fewer' : 'more'} than ${limit} ${counted}`;
}
