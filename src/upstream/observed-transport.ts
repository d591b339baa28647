import { readToldBudgets } from './read-told-budgets.ts';
import type { Clock } from '../std/clock.ts';
import type { KeyPools } from '../policy/key-pools.ts';
import type { Transport } from './transport.ts';

/** A transport that tells the pools what each response's head says of the key that was sent. */
export function observedTransport(inner: Transport, keys: KeyPools, clock: Clock): Transport {
  return {
    send: (endpoint, request, sink) => {
      if (endpoint.key === undefined) return inner.send(endpoint, request, sink);
      return inner.send(endpoint, request, {
        onHead: (status, headers) => {
          const budgets = readToldBudgets(headers);
          if (budgets.length > 0) keys.told(endpoint, budgets, clock.nowMs());
          sink.onHead(status, headers);
        },
        onData: (bytes) => sink.onData(bytes),
        takeLent: (bytes, start, end) => sink.takeLent?.(bytes, start, end) ?? start,
        onEnd: () => sink.onEnd(),
        onError: (error) => sink.onError(error),
      });
    },
  };
}
