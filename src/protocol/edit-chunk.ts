import { lenientScan, scanJson } from './scan-json.ts';
import { spliceMembers } from './splice-json.ts';

export interface ChunkEdit {
  /** The logical model name, where the endpoint's own name differs from it. */
  readonly model: string | undefined;
  /** Ids that the gateway asked for and the client did not. */
  readonly dropTokenIds: boolean;
  /** Usage that the gateway asked for and the client did not. */
  readonly dropUsage: boolean;
  /** JSON text of our own member, on the last chunk or the body. */
  readonly secondSource: string | undefined;
}

const idMembers = ['prompt_token_ids', 'x_second_source_seed'] as const;

/**
 * Changes in an endpoint's JSON only what must change and leaves every other byte as it came (DESIGN §4.5). JSON that
 * cannot be scanned is returned untouched: whoever calls has judged it already.
 */
export function editChunk(json: Uint8Array, edit: ChunkEdit): Uint8Array {
  const scanned = scanJson(json, lenientScan);
  if (!scanned.ok) return json;
  const { members } = scanned.value;
  const edits = new Map<string, string | undefined>();
  if (edit.model !== undefined && members.has('model')) edits.set('model', JSON.stringify(edit.model));
  if (edit.dropTokenIds) {
    for (const name of idMembers) if (members.has(name)) edits.set(name, undefined);
    const choices = members.get('choices');
    if (choices !== undefined) {
      const edited = withoutChoiceIds(json.subarray(choices.valueStart, choices.valueEnd));
      if (edited !== undefined) edits.set('choices', edited);
    }
  }
  if (edit.dropUsage && members.has('usage')) edits.set('usage', undefined);
  if (edit.secondSource !== undefined) edits.set('second_source', edit.secondSource);
  return edits.size === 0 ? json : spliceMembers(json, scanned.value, edits);
}

/** Takes the ids out of a list with one choice; several choices never carry ids, because none are asked for then. */
function withoutChoiceIds(choices: Uint8Array): string | undefined {
  const choice = choices.subarray(1, choices.length - 1);
  const scanned = scanJson(choice, lenientScan);
  if (!scanned.ok) return undefined;
  const edits = new Map<string, undefined>();
  for (const name of ['token_ids', 'prompt_token_ids']) if (scanned.value.members.has(name)) edits.set(name, undefined);
  if (edits.size === 0) return undefined;
  return `[${new TextDecoder().decode(spliceMembers(choice, scanned.value, edits))}]`;
}
