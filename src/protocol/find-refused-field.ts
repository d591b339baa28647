import type { Fault } from '../std/error-catalogue.ts';
import { isJsonObject } from './read-json-object.ts';
import type { JsonObject } from './read-json-object.ts';
import { refusedField } from './request-fault.ts';
import type { Path } from './request-fault.ts';

/**
 * Names that have turned gateways against their operators: they set where a request goes or with whose key (S8).
 * Spelled without case, `_` and `-`, as gateways and SDKs spell them in many ways; refused at any depth.
 */
const REFUSED_ANYWHERE: ReadonlySet<string> = new Set([
  'apibase',
  'apikey',
  'apitype',
  'apiversion',
  'baseurl',
  'customhost',
  'defaultheaders',
  'extraheaders',
  'extraquery',
  'httpproxy',
  'httpsproxy',
  'proxies',
  'proxy',
  'proxyurl',
  'userconfig',
]);

/**
 * Top-level fields that make an engine run code, compile a grammar, reach out, read another's cache or work beyond
 * what was reserved (S17, with the engines that know them).
 */
const REFUSED_AT_TOP: ReadonlySet<string> = new Set([
  // Templates and hooks: vLLM, SGLang.
  'chat_template',
  'custom_logit_processor',
  'custom_params',
  'logits_processors',
  'mm_processor_kwargs',
  'media_io_kwargs',
  'vllm_xargs',
  // Grammars and patterns: vLLM, SGLang, llama.cpp.
  'ebnf',
  'grammar',
  'grammar_lazy',
  'grammar_triggers',
  'guided_decoding_backend',
  'guided_grammar',
  'guided_regex',
  'guided_whitespace_pattern',
  'regex',
  'stop_regex',
  'structural_tag',
  // Other tenants' caches, slots, adapters and ranks.
  'bootstrap_host',
  'bootstrap_port',
  'bootstrap_room',
  'cache_salt',
  'data_parallel_rank',
  'id_slot',
  'kv_transfer_params',
  'lora',
  'lora_path',
  'lora_request',
  'priority',
  'request_id',
  'rid',
  'session_params',
  'slot_id',
  // Work that no reservation sees: aliases of max_tokens, all logprobs of the prompt, beams.
  'max_new_tokens',
  'n_predict',
  'n_probs',
  'num_predict',
  'prompt_embeds',
  'prompt_logprobs',
  'return_hidden_states',
  'use_beam_search',
  // Instructions to a gateway below us.
  'extra_body',
  'fallbacks',
  'mock_response',
  'model_list',
]);

/** What a chat template may be told: switches of its own, never template text (CVE-2025-62426 class). */
const TEMPLATE_SWITCHES: ReadonlySet<string> = new Set([
  'clear_thinking',
  'enable_thinking',
  'keep_all_reasoning',
  'preserve_thinking',
  'reasoning_effort',
  'thinking',
  'thinking_budget',
]);
const SWITCH_CHARACTERS = 64;

const REFUSED_CONSTRAINTS: ReadonlySet<string> = new Set(['grammar', 'regex', 'structural_tag', 'whitespace_pattern']);

type Place = 'fields' | 'metadata' | 'schema' | 'names' | 'data';

/** Where a JSON schema stands in a request, and where within one the keys are names that the user chose. */
const SCHEMA_FIELDS: ReadonlySet<string> = new Set(['guided_json', 'input_schema', 'parameters', 'schema']);
const NAME_MAPS: ReadonlySet<string> = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** The first field that is refused by name, as the fault that says so. */
export function findRefusedField(body: JsonObject): Fault | undefined {
  for (const [name, value] of Object.entries(body)) {
    if (REFUSED_AT_TOP.has(name)) return refusedField([name]);
    const inside = refusedInside(name, value);
    if (inside !== undefined) return refusedField([name, ...inside]);
  }
  return findRefusedName(body);
}

const noData: ReadonlySet<string> = new Set();

/**
 * The first name that is refused wherever it stands. Of the members in `data` everything below is what a user or a
 * tool said, in which no name means anything.
 */
export function findRefusedName(body: JsonObject, data: ReadonlySet<string> = noData): Fault | undefined {
  const path = refusedAnywhere(body, 'fields', [], data);
  return path === undefined ? undefined : refusedField(path);
}

function refusedInside(name: string, value: unknown): Path | undefined {
  // A search among several answers multiplies the work; one answer is the default that some clients spell out.
  if (name === 'best_of') return typeof value === 'number' && value > 1 ? [] : undefined;
  if (name === 'chat_template_kwargs' && isJsonObject(value)) {
    const refused = Object.entries(value).find(([key, setting]) => !TEMPLATE_SWITCHES.has(key) || !isSwitch(setting));
    return refused === undefined ? undefined : [refused[0]];
  }
  if (name === 'structured_outputs' && isJsonObject(value)) {
    const refused = Object.keys(value).find((key) => REFUSED_CONSTRAINTS.has(key));
    return refused === undefined ? undefined : [refused];
  }
  if (name === 'response_format' && isJsonObject(value) && typeof value['type'] === 'string') {
    return REFUSED_CONSTRAINTS.has(value['type']) ? ['type'] : undefined;
  }
  return name === 'tools' && Array.isArray(value) ? refusedTool(value) : undefined;
}

/** OpenAI's custom tools may carry a lark or regex grammar: off, as every other grammar is. */
function refusedTool(tools: readonly unknown[]): Path | undefined {
  const index = tools.findIndex((tool) => {
    const custom = isJsonObject(tool) ? tool['custom'] : undefined;
    const format = isJsonObject(custom) ? custom['format'] : undefined;
    return isJsonObject(format) && format['type'] === 'grammar';
  });
  return index < 0 ? undefined : [index, 'custom', 'format'];
}

function isSwitch(setting: unknown): boolean {
  if (typeof setting === 'string') return setting.length <= SWITCH_CHARACTERS;
  return setting === null || typeof setting === 'boolean' || typeof setting === 'number';
}

/** A tool may well have a parameter called `proxy`: among the names of a schema's properties nothing is refused. */
function refusedAnywhere(value: unknown, place: Place, path: Path, data: ReadonlySet<string>): Path | undefined {
  if (place === 'data') return undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (typeof item !== 'object') continue;
      const found = refusedAnywhere(item, place, [...path, index], data);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const member = value[name];
    const isNamed = place !== 'names' && isRefusedName(name);
    if (isNamed || (place === 'metadata' && /url$/i.test(name))) return [...path, name];
    if (typeof member !== 'object') continue;
    const found = refusedAnywhere(member, place === 'fields' && data.has(name) ? 'data' : placeOf(place, name), [...path, name], data);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Names that were judged before: most requests have the same few. */
const judgedNames = new Map<string, boolean>();
const judgedNamesKept = 1024;
const judgedCharacters = 64;

function isRefusedName(name: string): boolean {
  const known = judgedNames.get(name);
  if (known !== undefined) return known;
  const refused = REFUSED_ANYWHERE.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
  if (judgedNames.size < judgedNamesKept && name.length <= judgedCharacters) judgedNames.set(name, refused);
  return refused;
}

function placeOf(place: Place, name: string): Place {
  if (place === 'names') return 'schema';
  if (place === 'schema') return NAME_MAPS.has(name) ? 'names' : 'schema';
  if (name === 'metadata' || place === 'metadata') return 'metadata';
  return SCHEMA_FIELDS.has(name) ? 'schema' : 'fields';
}
