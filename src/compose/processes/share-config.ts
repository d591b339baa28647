import type { Config } from '../../config/config-schema.ts';
import type { EndpointKey } from '../../fleet/endpoint-key.ts';

/** One process's part of a whole number: the parts differ by one at most, and their sum is the whole. */
export function shareOf(whole: number, index: number, count: number): number {
  return Math.floor(whole / count) + (index < whole % count ? 1 : 0);
}

/** What one of several processes may use, so that all together keep to what the configuration says. */
export function shareConfig(config: Config, index: number, count: number): Config {
  // One each at least: a process that may do nothing would refuse whatever the kernel hands it.
  const share = (whole: number): number => Math.max(1, shareOf(whole, index, count));
  const shareKey = (key: EndpointKey): EndpointKey => ({
    ...key,
    requestsPerMinute: key.requestsPerMinute === undefined ? undefined : share(key.requestsPerMinute),
    requestsPerDay: key.requestsPerDay === undefined ? undefined : share(key.requestsPerDay),
    tokensPerMinute: key.tokensPerMinute === undefined ? undefined : share(key.tokensPerMinute),
  });
  const { idempotency, limits, storedResponses } = config;
  return {
    ...config,
    limits: { ...limits, concurrentRequests: share(limits.concurrentRequests) },
    idempotency: { ...idempotency, maxEntries: share(idempotency.maxEntries), maxBytes: share(idempotency.maxBytes) },
    storedResponses: { ...storedResponses, maxEntries: share(storedResponses.maxEntries), maxBytes: share(storedResponses.maxBytes) },
    // What is free in each window before the rest has settled anything is free once.
    caps: config.caps.map((cap) => ({ ...cap, minimumVolume: cap.minimumVolume / count })),
    endpoints: config.endpoints.map((endpoint) => (endpoint.keys.length === 0 ? endpoint : { ...endpoint, keys: endpoint.keys.map(shareKey) })),
  };
}
