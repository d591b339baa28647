import { errorBody, errorCatalogue, type Fault } from '../std/error-catalogue.ts';
import { headerLines } from '../http/write-head.ts';
import type { AnswerHead, Reply } from './client-answer.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Provenance } from '../upstream/provenance.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** Header values are Latin-1 without control characters (RFC 9110 §5.5), and a chip's name may hold anything. */
function headerText(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?');
}

/** What is the same in all answers of an endpoint. */
const placesWritten = new WeakMap<Endpoint, string>();

function placeLines(endpoint: Endpoint): string {
  const written = placesWritten.get(endpoint);
  if (written !== undefined) return written;
  const { vendor, chip, evidence } = endpoint.silicon;
  const lines = headerLines({
    'x-second-source-endpoint': headerText(endpoint.id),
    'x-second-source-vendor': headerText(vendor),
    'x-second-source-silicon': headerText(chip),
    'x-second-source-evidence': evidence,
  });
  placesWritten.set(endpoint, lines);
  return lines;
}

/** Which silicon answers, as lines of the response's head. `Server-Timing` shows the same in a browser's network panel. */
export function provenanceLines({ endpoint, attempts, overheadMs, ttftMs }: Provenance): string {
  const ttft = ttftMs === undefined ? '' : `, ttft;dur=${Math.round(ttftMs * 100) / 100}`;
  const own = `x-second-source-attempts: ${attempts}\r\nx-second-source-overhead-ms: ${overheadMs}\r\n`;
  return `${placeLines(endpoint)}${own}server-timing: overhead;dur=${overheadMs}${ttft}\r\n`;
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
export function streamHead(requestId: string, showProvenance: boolean, provenance: Provenance): AnswerHead {
  return {
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Proxies such as nginx would otherwise collect the stream before they pass it on.
      'x-accel-buffering': 'no',
      'x-request-id': requestId,
    },
    lines: showProvenance ? provenanceLines(provenance) : '',
  };
}

const jsonHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const jsonLines = headerLines(jsonHeaders);

export function jsonReply(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, lines = ''): Reply {
  return { status, headers: { ...jsonHeaders, 'content-length': String(Buffer.byteLength(body)), ...headers }, lines, body };
}

/** A whole answer as the client's own API has it: `jsonReply` of it, with whatever needs no second look in whole lines. */
export function answerReply(body: Uint8Array, requestId: string, lines: string): Reply {
  return { status: 200, headers: { 'content-length': String(body.length) }, lines: `${jsonLines}x-request-id: ${requestId}\r\n${lines}`, body };
}

export function faultReply(fault: Fault, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(errorCatalogue[fault.code].status, errorBody(fault), { ...retryHeaders(fault), ...headers });
}

export function sendReply(response: ServerResponse, { status, headers, lines = '', body }: Reply, carried = ''): void {
  response.send(status, headers, body, lines + carried);
}

export function sendJson(response: ServerResponse, status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
  sendReply(response, jsonReply(status, body, headers));
}

export function sendFault(response: ServerResponse, fault: Fault, headers: Readonly<Record<string, string>> = {}): void {
  sendReply(response, faultReply(fault, headers));
}
