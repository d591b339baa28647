import type { ChatPiece } from './chat-piece.ts';

interface BlockFacts {
  /** Its place among the blocks of the answer, from 0. */
  readonly index: number;
  /** All that it said so far. */
  said: string;
}

/** A part of an answer that is told from its beginning to its end before the next one begins. */
export type AnswerBlock =
  | (BlockFacts & { readonly kind: 'text' | 'reasoning' | 'refusal'; signature: string })
  | (BlockFacts & { readonly kind: 'call'; readonly call: number; readonly id: string; readonly name: string });

export type BlockStep =
  | { readonly kind: 'open'; readonly block: AnswerBlock }
  | { readonly kind: 'say'; readonly block: AnswerBlock; readonly text: string; readonly logprobs: readonly unknown[] }
  | { readonly kind: 'sign'; readonly block: AnswerBlock; readonly signature: string }
  | { readonly kind: 'close'; readonly block: AnswerBlock };

type Waiting =
  | { readonly kind: 'say'; readonly text: string; readonly logprobs: readonly unknown[] }
  | { readonly kind: 'sign'; readonly signature: string };

interface Lane {
  readonly block: AnswerBlock;
  waiting: Waiting[];
}

/**
 * Puts the pieces of a chat stream in a line of blocks, since other APIs know no chunk that says two things, and no
 * tool calls that grow side by side. One block is open at a time; what belongs to a later one waits until a call that
 * is open has whole arguments.
 */
export class BlockLine {
  #open: Lane | undefined;
  #behind: Lane[] = [];
  #blocks = 0;
  /** How many tool calls have begun; those before the open one are closed. */
  #calls = 0;

  push(piece: ChatPiece): readonly BlockStep[] {
    const steps: BlockStep[] = [];
    if (piece.reasoning !== '') this.#say('reasoning', piece.reasoning, [], steps);
    if (piece.signature !== '') this.#sign(piece.signature, steps);
    if (piece.text !== '') this.#say('text', piece.text, piece.logprobs, steps);
    if (piece.refusal !== '') this.#say('refusal', piece.refusal, [], steps);
    for (const { index, id, name, args } of piece.calls) {
      const call = index ?? (name === undefined ? this.#calls - 1 : this.#calls);
      if (call === this.#calls) {
        const facts = { kind: 'call', call, id: id ?? '', name: name ?? '', index: this.#blocks++, said: '' } as const;
        this.#behind.push({ block: facts, waiting: [] });
        this.#calls += 1;
      }
      const lane = this.#lanes.find(({ block }) => block.kind === 'call' && block.call === call);
      if (lane !== undefined && args.kind === 'text' && args.text !== '') lane.waiting.push({ kind: 'say', text: args.text, logprobs: [] });
      this.#advance(steps);
    }
    return steps;
  }

  /** The answer is over: whatever waits is said, and all is closed. */
  finish(): readonly BlockStep[] {
    const steps: BlockStep[] = [];
    while (this.#open !== undefined || this.#behind.length > 0) {
      this.#openNext(steps);
      this.#flush(steps);
      this.#close(steps);
    }
    return steps;
  }

  get #lanes(): readonly Lane[] {
    return this.#open === undefined ? this.#behind : [this.#open, ...this.#behind];
  }

  #say(kind: 'text' | 'reasoning' | 'refusal', text: string, logprobs: readonly unknown[], steps: BlockStep[]): void {
    this.#lastLane(kind).waiting.push({ kind: 'say', text, logprobs });
    this.#advance(steps);
  }

  /** A signature belongs to the reasoning before it, or to one that is kept from the client. */
  #sign(signature: string, steps: BlockStep[]): void {
    this.#lastLane('reasoning').waiting.push({ kind: 'sign', signature });
    this.#advance(steps);
  }

  /** The lane that a piece of this kind goes on with: the last one if it is of the kind, else a new one. */
  #lastLane(kind: 'text' | 'reasoning' | 'refusal'): Lane {
    const last = this.#lanes.at(-1);
    if (last?.block.kind === kind) return last;
    const lane: Lane = { block: { kind, index: this.#blocks++, said: '', signature: '' }, waiting: [] };
    this.#behind.push(lane);
    return lane;
  }

  #advance(steps: BlockStep[]): void {
    for (;;) {
      this.#openNext(steps);
      this.#flush(steps);
      if (this.#behind.length === 0 || this.#open === undefined || !mayEnd(this.#open.block)) return;
      this.#close(steps);
    }
  }

  #openNext(steps: BlockStep[]): void {
    if (this.#open !== undefined) return;
    this.#open = this.#behind.shift();
    if (this.#open !== undefined) steps.push({ kind: 'open', block: this.#open.block });
  }

  #flush(steps: BlockStep[]): void {
    if (this.#open === undefined) return;
    const { block, waiting } = this.#open;
    this.#open.waiting = [];
    for (const step of waiting) {
      if (step.kind === 'say') block.said += step.text;
      else if (block.kind !== 'call') block.signature = step.signature;
      steps.push({ ...step, block });
    }
  }

  #close(steps: BlockStep[]): void {
    if (this.#open !== undefined) steps.push({ kind: 'close', block: this.#open.block });
    this.#open = undefined;
  }
}

function mayEnd(block: AnswerBlock): boolean {
  if (block.kind !== 'call') return true;
  try {
    JSON.parse(block.said);
    return true;
  } catch {
    return false;
  }
}
