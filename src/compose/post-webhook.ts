import { isAllowedAddress } from '../config/host-reach.ts';
import { HttpTransport } from '../upstream/http-transport.ts';
import { unknownSilicon } from '../fleet/silicon.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { PostWebhook } from '../admin/webhooks/webhook-sender.ts';
import type { WebhookConfig } from '../config/resolve-webhooks.ts';

const answerWithinMs = 10_000;

/** Sends webhooks as endpoints are reached: no redirects, and no address that may not be. */
export function webhookPost(clock: Clock): { readonly post: PostWebhook; readonly close: () => Promise<void> | void } {
  const transport = new HttpTransport({ connectTimeoutMs: 5000, headerBytes: 16_384, connectionsPerEndpoint: 1, isAllowedAddress }, clock);
  const post: PostWebhook = (hook, headers, body) =>
    new Promise((resolve) => {
      const target = endpointOf(hook);
      const ended = (status: number | undefined): void => {
        cancel();
        // First, because what follows may still report an error.
        resolve(status);
        // Events are rare, and a webhook's address may be another by the next.
        transport.cut(target.id);
      };
      let cancel = (): void => {};
      const call = transport.send(
        target,
        { method: 'POST', path: hook.path, body: Buffer.from(body), headers },
        {
          // What it says beyond its status is nobody's business here, however long it is.
          onHead: (status) => {
            ended(status);
            call.abort();
          },
          onData: () => {},
          onEnd: () => ended(undefined),
          onError: () => ended(undefined),
        },
      );
      cancel = clock.after(answerWithinMs, () => {
        call.abort();
        ended(undefined);
      });
    });
  return { post, close: () => transport.close() };
}

function endpointOf({ id, origin, allowPrivate }: WebhookConfig): Endpoint {
  return {
    id: `webhook:${id}`,
    address: { kind: 'url', origin, basePath: '' },
    dialect: 'openai',
    silicon: unknownSilicon,
    processor: id,
    region: undefined,
    failureDomains: [],
    key: undefined,
    tokenIds: false,
    idsLeadText: false,
    prefill: undefined,
    billsAbandoned: false,
    extensions: [],
    passUnknownFields: false,
    allowPrivate,
  };
}
