import { endpointAddress } from './endpoint-address.ts';
import { readSecret } from './read-secret.ts';
import { take, type Report } from './report.ts';
import type { ConfigFile } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

/** A webhook with its secret read and its address resolved. */
export interface WebhookConfig {
  readonly id: string;
  readonly origin: string;
  readonly path: string;
  readonly events: readonly string[];
  readonly secret: string;
  readonly allowPrivate: boolean;
}

export function resolveWebhooks({ webhooks }: ConfigFile, around: ConfigSurroundings, report: Report): readonly WebhookConfig[] {
  return webhooks.flatMap(({ id, url, events, secret: reference, allowPrivate }, index) => {
    const first = webhooks.findIndex((other) => other.id === id);
    if (first !== index) report(['webhooks', index, 'id'], { what: `webhooks[${first}] has the same id`, fix: 'Give each an id of its own.' });
    const address = take(endpointAddress(url, allowPrivate, ''), ['webhooks', index, 'url'], report);
    const secret = take(readSecret(reference, around), ['webhooks', index, 'secret'], report);
    if (address === undefined || secret === undefined) return [];
    const { pathname, search } = new URL(url);
    return [{ id, origin: address.address.origin, path: `${pathname}${search}`, events, secret, allowPrivate: address.allowPrivate }];
  });
}
