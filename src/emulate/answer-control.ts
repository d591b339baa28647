import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { collectRequest } from './engine-client.ts';
import { faultCommandSchema, type EmulatorFault } from './emulator-fault.ts';

const maxCommandBytes = 16_384;

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Answers with an error of the catalogue; `retry-after` where the fault says how long to wait. */
export function sendFault(response: ServerResponse, fault: Fault): void {
  const entry = errorCatalogue[fault.code];
  const wait = fault.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(fault.retryAfterMs / 1_000)) };
  response.writeHead(entry.status, { 'content-type': 'application/json', 'x-should-retry': String(entry.retryable), ...wait });
  response.end(errorBody(fault));
}

/**
 * `POST /control/fault`. A browser's page must not switch faults on: it cannot send JSON to another origin without
 * asking first, which is never allowed here, and it always names its own origin (Fetch standard, section 3.2).
 */
export async function answerFaultCommand(
  request: IncomingMessage,
  response: ServerResponse,
  apply: (fault: EmulatorFault | undefined) => void,
): Promise<void> {
  if (request.headers.origin !== undefined) return sendFault(response, { code: 'forbidden_origin', detail: 'Faults are not set by web pages.' });
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    return sendFault(response, { code: 'invalid_request', detail: 'The content type must be application/json.' });
  const body = await collectRequest(request, maxCommandBytes);
  if (body === 'too-large') {
    response.setHeader('connection', 'close');
    return sendFault(response, { code: 'request_too_large' });
  }
  const command = faultCommandSchema.safeParse(parseJson(body));
  if (!command.success) {
    const issue = command.error.issues[0];
    const param = issue?.path.join('.') ?? '';
    return sendFault(response, {
      code: 'invalid_request',
      detail: issue?.message ?? 'The command is not understood.',
      ...(param === '' ? {} : { param }),
    });
  }
  apply(command.data.fault ?? undefined);
  sendJson(response, 200, { fault: command.data.fault });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
