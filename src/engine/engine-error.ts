/** One of the errors that the engine answers with, in OpenAI's shape. */
export interface EngineError {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly message: string;
}

const invalid = (message: string, param: string | null = null, code: string | null = null): EngineError => ({
  status: 400,
  type: 'invalid_request_error',
  code,
  param,
  message,
});

export const engineErrors = {
  invalidJson: (): EngineError => invalid('The request body is not valid JSON.', null, 'invalid_json'),
  invalidField: (param: string | null, message: string): EngineError => invalid(message, param, 'invalid_value'),
  unsupported: (param: string, message: string): EngineError => invalid(message, param, 'unsupported_value'),
  contextLength: (context: number, prompt: number, answer: number): EngineError =>
    invalid(
      `This model's context length is ${context} tokens, but the request asks for ${prompt + answer} ` +
        `(${prompt} in the prompt, ${answer} in the answer).`,
      'messages',
      'context_length_exceeded',
    ),
  promptTooLong: (context: number, bytes: number): EngineError =>
    invalid(
      `This model's context length is ${context} tokens, which a prompt of ${bytes} bytes exceeds by far.`,
      'messages',
      'context_length_exceeded',
    ),
  modelNotFound: (model: string): EngineError => ({
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    param: 'model',
    message: `The model \`${model}\` does not exist.`,
  }),
  routeNotFound: (method: string, path: string): EngineError => ({
    status: 404,
    type: 'invalid_request_error',
    code: 'unknown_url',
    param: null,
    message: `Unknown request URL: ${method} ${path}.`,
  }),
  methodNotAllowed: (method: string, path: string): EngineError => ({
    status: 405,
    type: 'invalid_request_error',
    code: 'method_not_allowed',
    param: null,
    message: `${method} is not allowed on ${path}.`,
  }),
  bodyTooLarge: (limit: number): EngineError => ({
    status: 413,
    type: 'invalid_request_error',
    code: 'request_too_large',
    param: null,
    message: `The request body is larger than ${limit} bytes.`,
  }),
  overloaded: (waiting: number): EngineError => ({
    status: 429,
    type: 'rate_limit_error',
    code: 'engine_overloaded',
    param: null,
    message: `The engine's queue is full: ${waiting} requests are waiting.`,
  }),
  stopping: (): EngineError => ({
    status: 503,
    type: 'server_error',
    code: 'engine_stopping',
    param: null,
    message: 'The engine is stopping.',
  }),
  internal: (message: string): EngineError => ({
    status: 500,
    type: 'server_error',
    code: 'engine_fault',
    param: null,
    message,
  }),
} as const;

/** Carries an EngineError through `throw`, from wherever a request proves unanswerable to the route. */
export class EngineFailure extends Error {
  readonly error: EngineError;

  constructor(error: EngineError) {
    super(error.message);
    this.name = 'EngineFailure';
    this.error = error;
  }
}

export function errorBody(error: EngineError): string {
  const { message, type, param, code } = error;
  return JSON.stringify({ error: { message, type, param, code } });
}

/** What a route answers for anything that was thrown. */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineFailure) return thrown.error;
  return engineErrors.internal(thrown instanceof Error ? thrown.message : String(thrown));
}
