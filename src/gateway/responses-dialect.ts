import { assembleResponse, responsesStream, type ResponseSurroundings } from '../protocol/responses/responses-stream.ts';
import { errorBody } from '../std/error-catalogue.ts';
import { failure, success } from '../std/result.ts';
import type { AnswerDialect } from './answer-dialect.ts';
import type { ResponseIdentity } from '../protocol/responses/response-object.ts';

/** OpenAI's Responses API, as the answer to one request. Its errors are those of chat completions. */
export function responsesDialect(identity: ResponseIdentity, surroundings: ResponseSurroundings): AnswerDialect {
  return {
    headers: {},
    errorBody,
    stream: () => responsesStream(identity, surroundings),
    whole: (body) => {
      const response = assembleResponse(body, identity, surroundings);
      return response === undefined ? failure({ code: 'upstream_malformed' }) : success(response);
    },
  };
}
