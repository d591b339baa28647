import { assembleMessage } from '../protocol/messages/assemble-message.ts';
import { failure, success } from '../std/result.ts';
import { messagesErrorBody } from '../protocol/messages/messages-error.ts';
import { messagesStream } from '../protocol/messages/messages-stream.ts';
import type { AnswerDialect } from './answer-dialect.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/** Anthropic's Messages API, as the answer to one request. */
export function messagesDialect({ requestId, model, stops }: RelayRequest): AnswerDialect {
  const identity = { id: `msg_${requestId.replace(/^req_/, '')}`, model, stops };
  return {
    headers: { 'request-id': requestId },
    errorBody: (fault) => messagesErrorBody(fault, requestId),
    stream: () => messagesStream(identity, requestId),
    whole: (body) => {
      const message = assembleMessage(body, identity);
      return message === undefined ? failure({ code: 'upstream_malformed' }) : success(message);
    },
  };
}
