import { chatCompletions } from '../../gateway/chat-completions.ts';
import { explainDryRun } from '../../gateway/explain-dry-run.ts';
import { servedModels } from '../../policy/served-models.ts';
import type { Caller } from '../../access/caller.ts';
import type { ControlledGateway } from '../controlled-gateway.ts';
import type { GatewayContext } from '../../gateway/gateway-context.ts';
import type { ProcessStatus } from './joint-status.ts';

/** Whoever asks on the control page: a team with a place in the ledger of its own, and no key. */
const consoleCaller: Caller = { tenant: 'console', keyId: 'none', rules: undefined };

/** The gateway that serves in this process. */
export function ownGateway(context: GatewayContext): ControlledGateway {
  const { fleet, ledger } = context.relay;
  return {
    status: () => Promise.resolve(ownStatus(context)),
    endpoints: () => Promise.resolve(fleet.status()),
    models: () => Promise.resolve(servedModels(fleet.candidates(), undefined)),
    caps: () => Promise.resolve(context.capTallies?.() ?? []),
    switchEndpoint: (endpointId, change) => context[change](endpointId),
    usage: async (query) => {
      await ledger.flush();
      return ledger.usage(query);
    },
    explain: async (request, response) => explainDryRun(context, request, response, { caller: consoleCaller, query: '', pathParts: [] }),
    explained: async (requestId) => context.explained.get(requestId),
    chat: async (request, response) => chatCompletions(context, request, response, { caller: consoleCaller, query: '', pathParts: [] }),
  };
}

function ownStatus(context: GatewayContext): ProcessStatus {
  const { fleet, clock } = context.relay;
  const endpoints = fleet.status();
  return {
    version: context.version,
    startedAtWallMs: context.startedAtWallMs,
    uptimeMs: clock.nowMs() - context.startedAtMs,
    endpoints,
    models: fleet.models(),
    ledger: context.ledgerHealth(),
    idempotency: context.idempotency.status(),
    storedResponses: context.storedResponses?.status() ?? null,
    probableRetries: context.probableRetries.count,
    processes: [{ process: context.processIndex ?? 0, pid: process.pid, running: endpoints.reduce((sum, { running }) => sum + running, 0) }],
  };
}
