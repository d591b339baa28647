import { isRecord } from '../std/is-record.ts';

/** One entry of `delta.tool_calls`, as far as it must be known. */
export interface ToolDelta {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** The piece of the arguments; `object` where an endpoint sent JSON instead of its text. */
  readonly args: { readonly kind: 'text'; readonly text: string } | { readonly kind: 'object' } | { readonly kind: 'none' };
}

/** What an entry lacks and is given: endpoints forget the index and the id of a call (fault 71). */
export interface ToolRepair {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly argsToText: boolean;
}

export type ToolStep =
  | { readonly kind: 'fits' }
  | { readonly kind: 'repair'; readonly repairs: readonly ToolRepair[] }
  /** A call was skipped or taken up again out of order: what is missing cannot be known (fault 64). */
  | { readonly kind: 'broken' };

interface Call {
  pieces: string[];
  whole: boolean;
}

/** Arguments longer than this are passed on and no longer judged: a check must not cost unbounded memory. */
const argumentCharacters = 4 * 1024 * 1024;

export function readToolDeltas(value: unknown): readonly ToolDelta[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown) => {
    const call = isRecord(entry) ? entry : {};
    const made = isRecord(call['function']) ? call['function'] : {};
    const args = made['arguments'];
    return {
      index: typeof call['index'] === 'number' && Number.isInteger(call['index']) ? call['index'] : undefined,
      id: typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : undefined,
      name: typeof made['name'] === 'string' && made['name'] !== '' ? made['name'] : undefined,
      args: typeof args === 'string' ? { kind: 'text', text: args } : isRecord(args) ? { kind: 'object' } : { kind: 'none' },
    };
  });
}

/**
 * Follows the tool calls of one streamed answer: gives missing indexes and ids where only one reading is possible,
 * notices gaps, and says in the end whether every call's arguments are whole JSON (fault 70).
 */
export class ToolCallAssembly {
  readonly #calls: Call[] = [];
  readonly #newId: (index: number) => string;
  #characters = 0;

  constructor(newId: (index: number) => string) {
    this.#newId = newId;
  }

  get begun(): boolean {
    return this.#calls.length > 0;
  }

  push(deltas: readonly ToolDelta[]): ToolStep {
    const repairs: ToolRepair[] = [];
    let repaired = false;
    for (const delta of deltas) {
      // A name begins a call; a piece without one belongs to the call before it.
      const begins = delta.name !== undefined && (delta.index === undefined || delta.index >= this.#calls.length);
      const index = delta.index ?? (begins ? this.#calls.length : this.#calls.length - 1);
      if (index < 0 || index > this.#calls.length || (index === this.#calls.length && delta.name === undefined)) return { kind: 'broken' };
      const starts = index === this.#calls.length;
      const repair = {
        index: delta.index === undefined ? index : undefined,
        id: starts && delta.id === undefined ? this.#newId(index) : undefined,
        argsToText: delta.args.kind === 'object',
      };
      repaired ||= repair.index !== undefined || repair.id !== undefined || repair.argsToText;
      repairs.push(repair);
      if (starts) this.#calls.push({ pieces: [], whole: false });
      this.#take(index, delta);
    }
    return repaired ? { kind: 'repair', repairs } : { kind: 'fits' };
  }

  #take(index: number, { args }: ToolDelta): void {
    const call = this.#calls[index];
    if (call === undefined) return;
    if (args.kind === 'object') call.whole = true;
    if (args.kind !== 'text') return;
    this.#characters += args.text.length;
    if (this.#characters <= argumentCharacters) call.pieces.push(args.text);
    else call.whole = true;
  }

  /** Whether every call has whole arguments; none at all are those of a function without parameters. */
  get complete(): boolean {
    return this.#calls.every(({ pieces, whole }) => whole || isJsonOrNothing(pieces.join('')));
  }
}

function isJsonOrNothing(text: string): boolean {
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
