import { SharedAnswer } from './shared-answer.ts';
import { faultReply, streamHead } from '../respond.ts';
import { showsProvenance } from '../shows-provenance.ts';
import type { ClientAnswer } from '../client-answer.ts';
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
  run: (answer: ClientAnswer) => Promise<void>,
): Promise<void> {
  const { clock } = context.relay;
  const { requestId } = request;
  const scope = JSON.stringify([request.tenant, request.route, key.key]);
  const claim = context.idempotency.claim(
    scope,
    key.bodyHash,
    clock.nowMs(),
    (slot) =>
      new SharedAnswer({
        slot,
        nowMs: clock.nowMs,
        headOf: (provenance) => streamHead(requestId, showsProvenance(context.provenance, 'headers'), provenance),
      }),
  );
  const ownHeaders = { 'x-request-id': requestId };
  switch (claim.kind) {
    case 'begun':
      claim.answer.follow(client);
      return run(claim.answer);
    case 'known':
      return claim.answer.follow(client, replayed);
    case 'unstored':
      return client.send(faultReply({ code: 'idempotency_in_progress', retryAfterMs }, ownHeaders));
    case 'mismatch':
      return client.send(faultReply({ code: 'idempotency_mismatch' }, ownHeaders));
    case 'full':
      return client.send(faultReply({ code: 'overloaded', retryAfterMs }, ownHeaders));
  }
}
