import { editObject, type Edits } from './edit-object.ts';
import { jsonItems, spliceItems } from './json-items.ts';
import type { ToolRepair } from './tool-call-assembly.ts';

export interface ChunkEdit {
  /** The logical model name, where the endpoint's own name differs from it. */
  readonly model?: string | undefined;
  /** The identity of the whole answer, where this chunk has another (faults 64: an endpoint changed it, or it continues). */
  readonly id?: string | undefined;
  readonly created?: number | undefined;
  /** Ids that the gateway asked for and the client did not. */
  readonly dropTokenIds?: boolean;
  /** Usage that the gateway asked for and the client did not, or that is none. */
  readonly dropUsage?: boolean;
  /** A role that the answer has told before. */
  readonly dropRole?: boolean;
  /** What the entries of `delta.tool_calls` lack, in their order. */
  readonly toolRepairs?: readonly ToolRepair[] | undefined;
  /** JSON text of our own member, on the last chunk or the body. */
  readonly secondSource?: string | undefined;
}

const decoder = new TextDecoder();
/** Members of a whole chunk or answer that the gateway asks for and a client may not have. */
export const idMembers = ['prompt_token_ids', 'x_second_source_seed'] as const;

/** Whether an edit changes anything at all; where it does not, the bytes pass as they came. */
export function editsNothing(edit: ChunkEdit): boolean {
  return Object.values(edit).every((part) => part === undefined || part === false);
}

/**
 * Changes in an endpoint's JSON only what must change and leaves every other byte as it came (DESIGN §4.5). JSON that
 * cannot be scanned is returned untouched: whoever calls has judged it already.
 */
export function editChunk(json: Uint8Array, edit: ChunkEdit): Uint8Array {
  const edited = editObject(json, (members) => {
    const edits: Edits = new Map();
    const replace = (name: string, text: string | undefined): void => {
      if (members.has(name)) edits.set(name, text);
    };
    if (edit.model !== undefined) replace('model', JSON.stringify(edit.model));
    if (edit.id !== undefined) replace('id', JSON.stringify(edit.id));
    if (edit.created !== undefined) replace('created', String(edit.created));
    if (edit.dropTokenIds === true) for (const name of idMembers) replace(name, undefined);
    if (edit.dropUsage === true) replace('usage', undefined);
    const choices = members.get('choices');
    if (choices !== undefined && editsChoices(edit)) edits.set('choices', decoder.decode(editChoices(choices, edit)));
    if (edit.secondSource !== undefined) edits.set('second_source', edit.secondSource);
    return edits;
  });
  return edited ?? json;
}

function editsChoices(edit: ChunkEdit): boolean {
  return edit.dropTokenIds === true || edit.dropRole === true || edit.toolRepairs !== undefined;
}

/** Only a single choice is ever edited: nothing that needs it is asked for, or honest, with several. */
function editChoices(choices: Uint8Array, edit: ChunkEdit): Uint8Array {
  if (jsonItems(choices).length !== 1) return choices;
  return spliceItems(choices, (choice) => editObject(choice, (members) => editChoice(members, edit)) ?? choice);
}

function editChoice(members: ReadonlyMap<string, Uint8Array>, edit: ChunkEdit): Edits {
  const edits: Edits = new Map();
  if (edit.dropTokenIds === true) for (const name of ['token_ids', 'prompt_token_ids']) if (members.has(name)) edits.set(name, undefined);
  const delta = members.get('delta');
  const edited = delta === undefined ? undefined : editObject(delta, (inner) => editDelta(inner, edit));
  if (edited !== undefined) edits.set('delta', decoder.decode(edited));
  return edits;
}

function editDelta(members: ReadonlyMap<string, Uint8Array>, edit: ChunkEdit): Edits {
  const edits: Edits = new Map();
  if (edit.dropRole === true && members.has('role')) edits.set('role', undefined);
  const calls = members.get('tool_calls');
  const { toolRepairs } = edit;
  if (calls !== undefined && toolRepairs !== undefined)
    edits.set('tool_calls', decoder.decode(spliceItems(calls, (call, index) => repaired(call, toolRepairs[index]))));
  return edits;
}

function repaired(call: Uint8Array, repair: ToolRepair | undefined): Uint8Array {
  if (repair === undefined) return call;
  const edited = editObject(call, (members) => {
    const edits: Edits = new Map();
    if (repair.index !== undefined) edits.set('index', String(repair.index));
    if (repair.id !== undefined) edits.set('id', JSON.stringify(repair.id));
    if (repair.id !== undefined && !members.has('type')) edits.set('type', '"function"');
    const made = members.get('function');
    const args = made === undefined || !repair.argsToText ? undefined : editObject(made, argumentsAsText);
    if (args !== undefined) edits.set('function', decoder.decode(args));
    return edits;
  });
  return edited ?? call;
}

/** The very bytes of the arguments become the text that they should have been. */
function argumentsAsText(members: ReadonlyMap<string, Uint8Array>): Edits {
  const given = members.get('arguments');
  return new Map(given === undefined ? [] : [['arguments', JSON.stringify(decoder.decode(given))]]);
}
