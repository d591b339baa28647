import type { ControlledGateway } from '../../src/admin/controlled-gateway.ts';
import type { EndpointStatus } from '../../src/fleet/fleet.ts';

/** One endpoint, as a status shows it. */
export function endpointStatus(more: Partial<EndpointStatus> = {}): EndpointStatus {
  return {
    id: 'a',
    vendor: 'nvidia',
    chip: 'H100',
    evidence: 'declared',
    models: ['m'],
    state: 'ready',
    avoided: null,
    running: 0,
    failureDomains: [],
    processor: 'self',
    address: 'https://a.example',
    usdPerHour: null,
    lastFault: null,
    note: null,
    ...more,
  };
}

/** A gateway with the one endpoint `a` that serves nobody: for what the control API does by itself. */
export function silentGateway(): ControlledGateway {
  let state: EndpointStatus['state'] = 'ready';
  const endpoints = (): readonly EndpointStatus[] => [endpointStatus({ state })];
  return {
    status: async () => ({
      version: 'test',
      startedAtWallMs: 0,
      uptimeMs: 0,
      endpoints: endpoints(),
      models: ['m'],
      ledger: {},
      idempotency: {},
      storedResponses: null,
      probableRetries: 0,
      processes: [],
    }),
    endpoints: async () => endpoints(),
    models: async () => ['m'],
    caps: async () => [],
    switchEndpoint: async (endpointId, change) => {
      if (endpointId !== 'a') return false;
      state = change === 'plug' ? 'ready' : 'unplugged';
      return true;
    },
    usage: async () => ({ rows: [], openAttempts: 0, unknownAttempts: 0 }),
    explain: async (_request, response) => response.send(200, { 'content-type': 'application/json', 'content-length': '2' }, '{}'),
    explained: async () => undefined,
    chat: async (_request, response) => response.send(200, { 'content-type': 'application/json', 'content-length': '2' }, '{}'),
  };
}
