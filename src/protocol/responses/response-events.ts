import { BlockLine, type AnswerBlock, type BlockStep } from '../block-line.ts';
import { begunResponse, endedResponse, incompleteReason } from './response-object.ts';
import { emptyOutcome, learnOutcome } from '../answer-outcome.ts';
import { errorCatalogue, faultMessage, type Fault } from '../../std/error-catalogue.ts';
import type { ChatPiece } from '../chat-piece.ts';
import type { ItemStatus, OutputItem, OutputPart, ResponseIdentity, ResponseObject } from './response-object.ts';

/** One event of the Responses API; each has its name in `type` and its place in `sequence_number`. */
export interface ResponseEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
}

/** Says a chat stream in the events of OpenAI's Responses API, in their published order. */
export class ResponseEvents {
  readonly #begun: ResponseObject;
  readonly #identity: ResponseIdentity;
  readonly #line = new BlockLine();
  readonly #outcome = emptyOutcome();
  readonly #output: OutputItem[] = [];
  /** Log-probabilities of the text block that is open. */
  #logprobs: unknown[] = [];
  #sequence = 0;

  constructor(identity: ResponseIdentity) {
    this.#identity = identity;
    this.#begun = begunResponse(identity);
  }

  begin(): readonly ResponseEvent[] {
    return [this.#event('response.created', { response: this.#begun }), this.#event('response.in_progress', { response: this.#begun })];
  }

  push(piece: ChatPiece): readonly ResponseEvent[] {
    learnOutcome(this.#outcome, piece);
    return this.#line.push(piece).flatMap((step) => this.#say(step, 'completed'));
  }

  /** The events that are left, the last of which has the whole response. */
  end(completedAt: number): { readonly events: readonly ResponseEvent[]; readonly response: ResponseObject } {
    const cut = incompleteReason(this.#outcome.finishReason) !== undefined;
    const steps = this.#line.finish();
    const last = steps.at(-1);
    const events = steps.flatMap((step) => this.#say(step, cut && step === last ? 'incomplete' : 'completed'));
    const response = endedResponse(this.#begun, this.#output, this.#outcome, completedAt);
    return { events: [...events, this.#event(`response.${response.status}`, { response })], response };
  }

  /** The response as far as it came, then the error: as published, and once more in a member on which every SDK throws. */
  failed(fault: Fault): readonly ResponseEvent[] {
    const message = faultMessage(fault);
    const response = { ...this.#begun, status: 'failed', output: this.#output, error: { code: 'server_error', message } };
    const { type } = errorCatalogue[fault.code];
    return [
      this.#event('response.failed', { response }),
      this.#event('error', {
        code: fault.code,
        message,
        param: fault.param ?? null,
        error: { type, code: fault.code, message, param: fault.param ?? null },
      }),
    ];
  }

  #event(type: string, fields: Readonly<Record<string, unknown>>): ResponseEvent {
    return { type, sequence_number: this.#sequence++, ...fields };
  }

  #say(step: BlockStep, status: ItemStatus): readonly ResponseEvent[] {
    const { block } = step;
    switch (step.kind) {
      case 'open':
        return this.#opened(block);
      case 'say':
        this.#logprobs.push(...step.logprobs);
        return [this.#delta(block, step.text, step.logprobs)];
      case 'sign':
        return [];
      case 'close':
        return this.#closed(block, status);
    }
  }

  #opened(block: AnswerBlock): readonly ResponseEvent[] {
    this.#logprobs = [];
    const added = this.#event('response.output_item.added', { output_index: block.index, item: this.#item(block, 'in_progress', false) });
    if (block.kind === 'call') return [added];
    return [added, this.#event('response.content_part.added', { ...this.#place(block), part: emptyPart(block.kind) })];
  }

  #delta(block: AnswerBlock, delta: string, logprobs: readonly unknown[]): ResponseEvent {
    switch (block.kind) {
      case 'call':
        return this.#event('response.function_call_arguments.delta', { ...this.#itemPlace(block), delta });
      case 'text':
        return this.#event('response.output_text.delta', { ...this.#place(block), delta, logprobs });
      case 'reasoning':
        return this.#event('response.reasoning_text.delta', { ...this.#place(block), delta });
      case 'refusal':
        return this.#event('response.refusal.delta', { ...this.#place(block), delta });
    }
  }

  #closed(block: AnswerBlock, status: ItemStatus): readonly ResponseEvent[] {
    const item = this.#item(block, status, true);
    this.#output.push(item);
    const done = (): ResponseEvent => this.#event('response.output_item.done', { output_index: block.index, item });
    const text = block.said;
    if (block.kind === 'call') {
      return [
        this.#event('response.function_call_arguments.done', { ...this.#itemPlace(block), name: block.name, arguments: argumentsOf(block) }),
        done(),
      ];
    }
    const place = this.#place(block);
    const said = {
      text: (): ResponseEvent => this.#event('response.output_text.done', { ...place, text, logprobs: this.#logprobs }),
      reasoning: (): ResponseEvent => this.#event('response.reasoning_text.done', { ...place, text }),
      refusal: (): ResponseEvent => this.#event('response.refusal.done', { ...place, refusal: text }),
    };
    const part = item.type === 'function_call' ? undefined : item.content[0];
    return [said[block.kind](), this.#event('response.content_part.done', { ...place, part }), done()];
  }

  #item(block: AnswerBlock, status: ItemStatus, full: boolean): OutputItem {
    const id = this.#itemId(block);
    if (block.kind === 'call') {
      return { id, type: 'function_call', status, call_id: block.id, name: block.name, arguments: full ? argumentsOf(block) : '' };
    }
    if (block.kind !== 'reasoning') return { id, type: 'message', role: 'assistant', status, content: full ? [this.#part(block)] : [] };
    const asked = this.#identity.request.include?.includes('reasoning.encrypted_content') === true;
    return {
      id,
      type: 'reasoning',
      status,
      summary: [],
      content: full ? [{ type: 'reasoning_text', text: block.said }] : [],
      ...(asked && block.signature !== '' ? { encrypted_content: block.signature } : {}),
    };
  }

  #part(block: AnswerBlock): OutputPart {
    if (block.kind === 'refusal') return { type: 'refusal', refusal: block.said };
    return { type: 'output_text', text: block.said, annotations: [], logprobs: this.#logprobs };
  }

  #itemId(block: AnswerBlock): string {
    const prefix = { text: 'msg', refusal: 'msg', reasoning: 'rs', call: 'fc' }[block.kind];
    return `${prefix}_${this.#identity.suffix}_${block.index}`;
  }

  #itemPlace(block: AnswerBlock): Readonly<Record<string, unknown>> {
    return { item_id: this.#itemId(block), output_index: block.index };
  }

  #place(block: AnswerBlock): Readonly<Record<string, unknown>> {
    return { ...this.#itemPlace(block), content_index: 0 };
  }
}

function emptyPart(kind: 'text' | 'reasoning' | 'refusal'): object {
  if (kind === 'reasoning') return { type: 'reasoning_text', text: '' };
  return kind === 'refusal' ? { type: 'refusal', refusal: '' } : { type: 'output_text', text: '', annotations: [], logprobs: [] };
}

/** Nothing at all is how some endpoints call a function without parameters, and what no client can parse. */
function argumentsOf({ said }: AnswerBlock): string {
  return said === '' ? '{}' : said;
}
