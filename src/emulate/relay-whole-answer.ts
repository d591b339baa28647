import type { Dispatcher } from 'undici';
import { readUsage } from '../protocol/read-usage.ts';
import { errorBody } from '../std/error-catalogue.ts';
import { isRecord } from '../std/is-record.ts';
import { breakConnection } from './break-connection.ts';
import { collectBody, maxBodyBytes, responseFields } from './engine-client.ts';
import { standingFault, type AnswerRelay, type BreakingFault } from './relay-answer.ts';

/** Passes an answer that comes in one piece on when its last token is due; an embedding counts as one token. */
export async function relayWholeAnswer(relay: AnswerRelay, upstream: Dispatcher.ResponseData): Promise<void> {
  const { response, pacer, clock, signal } = relay;
  const askedMs = clock.nowMs();
  const body = await collectBody(upstream.body, maxBodyBytes);
  const arrivedMs = clock.nowMs();
  if (body === 'too-large') {
    relay.meter.engineFailed();
    breakConnection(response, 'rst');
    return;
  }
  const usage = readWholeUsage(body);
  if (usage !== undefined) pacer.learnPrompt(usage.inputTokens);
  const tokens = Math.max(1, usage?.outputTokens ?? 1);
  await pacer.until(tokens, { arrivedMs, waitedMs: arrivedMs - askedMs });
  const fault = await standingFault(relay, (candidate) => candidate.afterTokens <= tokens);
  if (signal.aborted) return;
  if (fault !== undefined) {
    breakWhole(relay, upstream, body, fault);
    return;
  }
  response.writeHead(upstream.statusCode, { ...responseFields(upstream.headers), 'content-length': String(body.length) });
  response.end(body);
  pacer.finish();
}

function breakWhole(relay: AnswerRelay, upstream: Dispatcher.ResponseData, body: Buffer, fault: BreakingFault): void {
  const { response, pacer } = relay;
  pacer.disturb();
  const half = body.subarray(0, Math.floor(body.length / 2));
  const headers = responseFields(upstream.headers);
  if (fault.kind === 'error-event') {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(errorBody({ code: 'internal_error', detail: 'The emulated engine died.' }));
  } else if (fault.kind === 'garbage') {
    response.writeHead(upstream.statusCode, { ...headers, 'content-length': String(half.length) });
    response.end(half);
  } else {
    delete headers['content-length'];
    if (fault.framing === 'close') response.useChunkedEncodingByDefault = false;
    response.writeHead(upstream.statusCode, fault.framing === 'close' ? { ...headers, connection: 'close' } : headers);
    response.write(half, () => breakConnection(response, fault.ending));
  }
}

function readWholeUsage(body: Buffer): ReturnType<typeof readUsage> {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(answer) ? readUsage(answer['usage']) : undefined;
  } catch {
    return undefined;
  }
}
