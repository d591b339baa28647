import { askProcess, askProcesses, type Processes } from './ask-process.ts';
import { internalPaths } from './internal-routes.ts';
import { jointStatus, type ProcessStatus } from './joint-status.ts';
import { joinTallies, type CapTally } from '../../policy/shares/cap-tally.ts';
import { passTo } from '../../gateway/pass-on.ts';
import { readWholeBody } from '../read-json-body.ts';
import { sendFault } from '../../gateway/respond.ts';
import { usageSearch } from '../read-usage-query.ts';
import { sloHeader } from '../../gateway/route-request.ts';
import type { Clock } from '../../std/clock.ts';
import type { ControlledGateway, EndpointSwitch } from '../controlled-gateway.ts';
import type { ExplainedRequest } from '../../gateway/explained-requests.ts';
import type { HttpRequest } from '../../http/server-connection.ts';
import type { ServerResponse } from '../../http/server-response.ts';
import type { UsageReport } from '../../ledger/ledger.ts';

export interface SeveralSurroundings {
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtWallMs: number;
  readonly startedAtMs: number;
  /** Remembers for processes that start later, or were too busy, what was switched. */
  readonly switched: (endpointId: string, change: EndpointSwitch) => void;
}

/** The gateway that serves in several other processes, which this one asks by their private sockets. */
export function severalProcesses(processes: Processes, around: SeveralSurroundings): ControlledGateway {
  const { clock } = around;
  const status = async (): Promise<ProcessStatus> => {
    const [first, ...others] = (await askProcesses(processes, 'GET', internalPaths.status, clock)).map((text): ProcessStatus => JSON.parse(text));
    return jointStatus(first ?? silent(around), others, processes.count);
  };
  let turn = 0;
  const passOn = async (path: string, request: HttpRequest, response: ServerResponse): Promise<void> => {
    const body = await readWholeBody(request);
    if (!body.ok) return sendFault(response, body.failure, { connection: 'close' });
    const slo = request.headers[sloHeader];
    const headers = { 'content-type': 'application/json', ...(typeof slo === 'string' ? { [sloHeader]: slo } : {}) };
    passTo(processes, turn++ % processes.count, { method: 'POST', path, headers, body: body.value, onFreshConnection: true }, request, response);
  };
  return {
    status,
    endpoints: async () => (await status()).endpoints,
    models: async () => {
      const lists = (await askProcesses(processes, 'GET', internalPaths.models, clock)).map((text): readonly string[] => JSON.parse(text));
      return [...new Set(lists.flat())];
    },
    caps: async () =>
      joinTallies((await askProcesses(processes, 'GET', internalPaths.caps, clock)).map((text): readonly CapTally[] => JSON.parse(text))),
    switchEndpoint: async (endpointId, change) => {
      const told = await askProcesses(processes, 'POST', internalPaths.switched(endpointId, change), clock);
      if (told.length > 0) around.switched(endpointId, change);
      return told.length > 0;
    },
    usage: async (query) => {
      const path = `${internalPaths.usage}${usageSearch(query)}`;
      // Asked for theirs, all bring what they hold into the one database; whoever answers after that knows everything.
      await askProcesses(processes, 'GET', path, clock);
      for (let index = 0; index < processes.count; index += 1) {
        const text = await askProcess(processes, index, 'GET', path, clock);
        if (text === undefined) continue;
        const report: UsageReport = JSON.parse(text);
        return report;
      }
      return { rows: [], openAttempts: 0, unknownAttempts: 0 };
    },
    explain: (request, response) => passOn(internalPaths.explain, request, response),
    explained: async (requestId) => {
      const [text] = await askProcesses(processes, 'GET', internalPaths.explained(requestId), clock);
      if (text === undefined) return undefined;
      const explained: ExplainedRequest = JSON.parse(text);
      return explained;
    },
    chat: (request, response) => passOn(internalPaths.chat, request, response),
  };
}

/** What is said while none of them answers. */
function silent({ version, startedAtWallMs, startedAtMs, clock }: SeveralSurroundings): ProcessStatus {
  return {
    version,
    startedAtWallMs,
    uptimeMs: clock.nowMs() - startedAtMs,
    endpoints: [],
    models: [],
    ledger: {},
    idempotency: {},
    storedResponses: null,
    probableRetries: 0,
    processes: [],
  };
}
