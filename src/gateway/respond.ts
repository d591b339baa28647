import { errorBody, errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import type { Provenance } from '../upstream/provenance.ts';
import type { Reply } from './client-answer.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** Header values are Latin-1 without control characters (RFC 9110 §5.5), and a chip's name may hold anything. */
function headerText(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?');
}

/** Which silicon answers, as response headers. `Server-Timing` shows the same in a browser's network panel. */
export function provenanceHeaders(provenance: Provenance): Record<string, string> {
  const timing = [`overhead;dur=${provenance.overheadMs}`];
  if (provenance.ttftMs !== undefined) timing.push(`ttft;dur=${Math.round(provenance.ttftMs * 100) / 100}`);
  return {
    'x-second-source-endpoint': headerText(provenance.endpoint),
    'x-second-source-vendor': headerText(provenance.vendor),
    'x-second-source-silicon': headerText(provenance.silicon),
    'x-second-source-evidence': provenance.evidence,
    'x-second-source-attempts': String(provenance.attempts),
    'x-second-source-overhead-ms': String(provenance.overheadMs),
    'server-timing': timing.join(', '),
  };
}

/** How long a client should wait where no endpoint said a time. */
const usualWaitMs = 1000;

/** Tells an SDK how long to wait and whether to come again: without it, its retries multiply ours. */
export function retryHeaders(fault: Fault): Record<string, string> {
  if (!errorCatalogue[fault.code].retryable || fault.lasting === true) return { 'x-should-retry': 'false' };
  const seconds = Math.max(1, Math.ceil((fault.retryAfterMs ?? usualWaitMs) / 1000));
  return { 'x-should-retry': 'true', 'retry-after': String(seconds) };
}

/** The head of a streamed answer. */
export function streamHead(requestId: string, showProvenance: boolean, provenance: Provenance): { status: number; headers: Record<string, string> } {
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies such as nginx would otherwise collect the stream before they pass it on.
      'x-accel-buffering': 'no',
      'x-request-id': requestId,
      ...(showProvenance ? provenanceHeaders(provenance) : {}),
    },
  };
}

export function jsonReply(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Reply {
  const own = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), 'cache-control': 'no-store' };
  return { status, headers: { ...own, ...headers }, body };
}

export function faultReply(fault: Fault, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(errorCatalogue[fault.code].status, errorBody(fault), { ...retryHeaders(fault), ...headers });
}

export function sendReply(response: ServerResponse, { status, headers, body }: Reply): void {
  response.send(status, headers, body);
}

export function sendJson(response: ServerResponse, status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
  sendReply(response, jsonReply(status, body, headers));
}

export function sendFault(response: ServerResponse, fault: Fault, headers: Readonly<Record<string, string>> = {}): void {
  sendReply(response, faultReply(fault, headers));
}
