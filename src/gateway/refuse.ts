import { errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { faultReply, jsonReply, retryHeaders, sendReply } from './respond.ts';
import { messagesErrorBody } from '../protocol/messages/messages-error.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { Reply } from './client-answer.ts';
import type { ServerResponse } from '../http/server-response.ts';

type Asking = Pick<HttpRequest, 'target' | 'headers'>;

/** Whether a client expects errors as Anthropic writes them: by its route or, on the shared one, by its version header. */
export function speaksAnthropic({ target, headers }: Asking): boolean {
  return /^\/v1\/messages(?:[/?]|$)/.test(target) || (/^\/v1\/models(?:[/?]|$)/.test(target) && headers['anthropic-version'] !== undefined);
}

export function refusalTo(incoming: Asking, fault: Fault, headers: Readonly<Record<string, string>> = {}): Reply {
  if (!speaksAnthropic(incoming)) return faultReply(fault, headers);
  return jsonReply(errorCatalogue[fault.code].status, messagesErrorBody(fault, headers['request-id']), { ...retryHeaders(fault), ...headers });
}

/** Answers with an error in the words of the API that was asked. */
export function refuse(incoming: Asking, response: ServerResponse, fault: Fault, headers: Readonly<Record<string, string>> = {}): void {
  sendReply(response, refusalTo(incoming, fault, headers));
}
