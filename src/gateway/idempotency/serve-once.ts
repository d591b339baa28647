import { SharedAnswer } from './shared-answer.ts';
import { streamHead } from '../respond.ts';
import { showsProvenance } from '../shows-provenance.ts';
import type { ClientAnswer, Reply } from '../client-answer.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { GatewayContext } from '../gateway-context.ts';
import type { RelayRequest } from '../../upstream/relay-request.ts';
import type { ResponseStream } from '../response-stream.ts';

/** How soon a client that cannot attach to the running request should ask for its stored answer. */
const retryAfterMs = 2000;
const replayed = { 'idempotent-replayed': 'true' };

/**
 * Serves a request that has an idempotency key (fault 81): the first one runs; one that comes while it runs follows the
 * same run from its beginning; a later one gets what was stored. Only the run dispatches and is charged.
 */
export async function serveOnce(
  context: GatewayContext,
  key: { readonly key: string; readonly bodyHash: string },
  request: RelayRequest,
  client: ResponseStream,
  /** How the client's API says an error, and what its streams carry in their head. */
  words: { readonly refusal: (fault: Fault) => Reply; readonly headers: Readonly<Record<string, string>> },
  run: (answer: ClientAnswer) => Promise<void>,
): Promise<void> {
  const { clock } = context.relay;
  const { requestId } = request;
  const scope = JSON.stringify([request.tenant, request.api, key.key]);
  const claim = context.idempotency.claim(
    scope,
    key.bodyHash,
    clock.nowMs(),
    (slot) =>
      new SharedAnswer({
        slot,
        nowMs: clock.nowMs,
        headOf: (provenance) => {
          const head = streamHead(requestId, showsProvenance(context.provenance, 'headers'), provenance);
          return { ...head, headers: { ...head.headers, ...words.headers } };
        },
      }),
  );
  switch (claim.kind) {
    case 'begun':
      claim.answer.follow(client);
      return run(claim.answer);
    case 'known':
      return claim.answer.follow(client, replayed);
    case 'unstored':
      return client.send(words.refusal({ code: 'idempotency_in_progress', retryAfterMs }));
    case 'mismatch':
      return client.send(words.refusal({ code: 'idempotency_mismatch' }));
    case 'full':
      return client.send(words.refusal({ code: 'overloaded', retryAfterMs }));
  }
}
