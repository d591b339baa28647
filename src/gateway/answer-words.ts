import { errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { answerReply, faultReply, jsonReply, provenanceLines, retryHeaders } from './respond.ts';
import { headerLines } from '../http/write-head.ts';
import type { AnswerDialect } from './answer-dialect.ts';
import type { Provenance } from '../upstream/provenance.ts';
import type { Reply } from './client-answer.ts';

const noHeaders: Readonly<Record<string, string>> = {};

/** How one client is answered: in its API's words, and with the headers that every answer to it carries. */
export class AnswerWords {
  readonly #requestId: string;
  readonly #dialect: AnswerDialect | undefined;

  constructor(requestId: string, dialect: AnswerDialect | undefined) {
    this.#requestId = requestId;
    this.#dialect = dialect;
  }

  /** What clients of another API than chat completions look for in every head. */
  get headers(): Readonly<Record<string, string>> {
    return this.#dialect?.headers ?? noHeaders;
  }

  refusal(fault: Fault): Reply {
    const headers = { 'x-request-id': this.#requestId, ...this.headers };
    if (this.#dialect === undefined) return faultReply(fault, headers);
    return jsonReply(errorCatalogue[fault.code].status, this.#dialect.errorBody(fault), { ...retryHeaders(fault), ...headers });
  }

  /** A whole answer, as the relay has it; `provenance`: undefined where its head does not tell. */
  whole(body: Uint8Array, provenance: Provenance | undefined): Reply {
    const lines = provenance === undefined ? '' : provenanceLines(provenance);
    if (this.#dialect === undefined) return answerReply(this.#requestId, body, lines);
    const told = this.#dialect.whole(body);
    return told.ok ? answerReply(this.#requestId, told.value, headerLines(this.headers) + lines) : this.refusal(told.failure);
  }
}
