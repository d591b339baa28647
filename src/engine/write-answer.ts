import type { ServerResponse } from 'node:http';
import type { AnswerShape, Usage } from './answer-shape.ts';
import type { BatchLoop } from './batch-loop.ts';
import { errorBody, toEngineError, type EngineError } from './engine-error.ts';
import type { Generation, GenerationListener, GenerationRequest } from './generation.ts';
import type { Release } from './token-release.ts';

/** Text that a slow client has not taken yet, past which its answer waits. */
const congestionBytes = 256 * 1024;
/** A client that takes nothing for so long has lost its answer: others wait for its place. */
const stalledMs = 60_000;

const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' } as const;

/** Queues a request and writes its answer, as a stream or whole, until its end or the client's leaving. */
export function writeAnswer(
  loop: BatchLoop,
  request: GenerationRequest,
  shape: AnswerShape,
  response: ServerResponse,
  delivery: { readonly stream: boolean; readonly includeUsage: boolean },
): void {
  const usage = (): Usage => ({
    promptTokens: request.tokens.length,
    completionTokens: generation.tokens.length - request.tokens.length,
    cachedTokens: generation.cached,
  });
  const generation: Generation = loop.submit(
    request,
    delivery.stream ? streamListener(shape, response, delivery.includeUsage, usage) : wholeListener(shape, response, usage),
  );
  response.on('close', () => {
    if (!response.writableFinished) loop.abort(generation);
  });
}

function streamListener(shape: AnswerShape, response: ServerResponse, includeUsage: boolean, usage: () => Usage): GenerationListener {
  // The opening goes out together with the first text, in one write.
  let opening = '';
  let congestedSince: number | undefined;
  const write = (text: string): void => {
    if (text !== '' || opening !== '') response.write(opening + text);
    opening = '';
  };
  return {
    onStart: () => {
      response.writeHead(200, streamHeaders);
      opening = shape.opening();
    },
    onRelease: (release) => write(shape.piece(release)),
    onEnd: (release, reason) => {
      const last = shape.closing(release, reason) + (includeUsage ? shape.usage(usage()) : '');
      response.end(`${opening}${last}data: [DONE]\n\n`);
    },
    onFault: (fault) => {
      const error = toEngineError(fault);
      if (!response.headersSent) return writeError(response, error);
      // No end marker and no proper end: a client must not take this for a complete answer.
      response.write(`data: ${errorBody(error)}\n\n`, () => response.destroy());
    },
    congested: () => {
      if (response.writableLength <= congestionBytes) congestedSince = undefined;
      else {
        congestedSince ??= performance.now();
        if (performance.now() - congestedSince > stalledMs) response.destroy();
      }
      return congestedSince !== undefined;
    },
  };
}

function wholeListener(shape: AnswerShape, response: ServerResponse, usage: () => Usage): GenerationListener {
  const releases: Release[] = [];
  return {
    onStart: () => undefined,
    onRelease: (release) => releases.push(release),
    onEnd: (release, reason) => writeJson(response, 200, shape.whole([...releases, release], reason, usage())),
    onFault: (fault) => writeError(response, toEngineError(fault)),
    congested: () => false,
  };
}

export function writeJson(response: ServerResponse, status: number, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

export function writeError(response: ServerResponse, error: EngineError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error.status === 429) response.setHeader('retry-after', '1');
  writeJson(response, error.status, errorBody(error));
}
