import type { JsonObject } from './read-json-object.ts';
import { isJsonObject } from './read-json-object.ts';

/** A chat as most are: texts, a few numbers, no tools. */
export interface UsualChat {
  readonly model: string;
  readonly messages: UsualMessage[];
  readonly frequency_penalty?: number;
  readonly max_completion_tokens?: number;
  readonly max_tokens?: number;
  readonly n?: number;
  readonly presence_penalty?: number;
  readonly stop?: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly temperature?: number;
  readonly top_p?: number;
  readonly user?: string;
}

interface UsualMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

type Check = (value: unknown) => boolean;

const modelCharacters = 256;
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const within =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['model', (value) => typeof value === 'string' && value !== '' && value.length <= modelCharacters],
  ['messages', (value) => Array.isArray(value) && value.length > 0 && value.every(isUsualMessage)],
  ['frequency_penalty', within(-2, 2)],
  ['max_completion_tokens', isCount],
  ['max_tokens', isCount],
  ['n', isCount],
  ['presence_penalty', within(-2, 2)],
  ['stop', isText],
  ['stream', isFlag],
  ['stream_options', (value) => isJsonObject(value) && hasOnly(value, 'include_usage') && isFlag(value['include_usage'])],
  ['temperature', within(0, 2)],
  ['top_p', within(0, 1)],
  ['user', isText],
]);

/**
 * Knows the usual chat at a look: whatever it says yes to has no member that could be refused and fits the whole
 * schema, which asks a hundred questions more. It says no to anything else, however sound; a test holds the two together.
 */
export function isUsualChat(body: JsonObject): body is JsonObject & UsualChat {
  for (const name in body) if (checks.get(name)?.(body[name]) !== true) return false;
  return Object.hasOwn(body, 'model') && Object.hasOwn(body, 'messages');
}

function isUsualMessage(message: unknown): boolean {
  if (!isJsonObject(message)) return false;
  const { role, content } = message;
  const hasUsualRole = role === 'user' || role === 'assistant' || role === 'system';
  return hasUsualRole && typeof content === 'string' && hasOnly(message, 'role', 'content');
}

function hasOnly(value: JsonObject, first: string, second = first): boolean {
  for (const name in value) if (name !== first && name !== second) return false;
  return true;
}
