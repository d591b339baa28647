import { useState } from 'react';
import { agoWords, siliconName } from './answer-words.ts';
import { lostTogether, type EndpointStatus } from './endpoint-status.ts';
import { EvidenceMark } from './evidence-mark.tsx';
import type { FleetView } from './use-fleet.ts';

interface EndpointPanelProps {
  readonly fleet: FleetView;
  /** The endpoint that answers this page now. */
  readonly answering: string | undefined;
  readonly shown: boolean;
}

/** All endpoints with their state. On a narrow page only its heading shows until it is opened. */
export function EndpointPanel({ fleet, answering, shown }: EndpointPanelProps) {
  const { endpoints, switchTrouble, switchEndpoint } = fleet;
  const [open, setOpen] = useState(false);
  const ready = endpoints.filter(({ state }) => state === 'ready').length;
  return (
    <aside className={shown ? 'endpoints' : 'endpoints unseen'} aria-label="Endpoints">
      <h2 className="endpoints-heading">
        <span className="wide-only">Endpoints</span>
        <button type="button" className="narrow-only quiet" aria-expanded={open} aria-controls="endpoint-list" onClick={() => setOpen(!open)}>
          Endpoints
        </button>
        {endpoints.length > 0 && <span className="count">{`${ready} of ${endpoints.length} ready`}</span>}
      </h2>
      <div id="endpoint-list" className={open ? 'endpoint-list open' : 'endpoint-list'}>
        {endpoints.length === 0 && <p className="hint">No endpoint yet.</p>}
        <ul>
          {endpoints.map((endpoint) => (
            <EndpointRow
              key={endpoint.id}
              endpoint={endpoint}
              lostWith={lostTogether(endpoint, endpoints)}
              answering={endpoint.id === answering}
              onSwitch={switchEndpoint}
            />
          ))}
        </ul>
        <p role="status" className="hint">
          {switchTrouble}
        </p>
      </div>
    </aside>
  );
}

interface EndpointRowProps {
  readonly endpoint: EndpointStatus;
  /** The endpoints that share a failure domain with it. */
  readonly lostWith: readonly string[];
  readonly answering: boolean;
  readonly onSwitch: FleetView['switchEndpoint'];
}

function EndpointRow({ endpoint, lostWith, answering, onSwitch }: EndpointRowProps) {
  const { id, vendor, chip, evidence, state, running, lastFault } = endpoint;
  const unplugged = state === 'unplugged';
  const action = unplugged ? 'plug' : 'unplug';
  return (
    <li className={answering ? 'endpoint answering' : 'endpoint'}>
      <div className="endpoint-head">
        <span className={`state ${state}`}>{running > 0 ? `${state} · ${running} running` : state}</span>
        <strong>{id}</strong>
        <button type="button" aria-label={`${unplugged ? 'Plug in' : 'Unplug'} ${id}`} onClick={() => void onSwitch(id, action)}>
          {unplugged ? 'Plug in' : 'Unplug'}
        </button>
      </div>
      <p>
        {siliconName(vendor, chip)} <EvidenceMark evidence={evidence} />
      </p>
      {lostWith.length > 0 && <p className="hint">{`Lost together with ${lostWith.join(', ')}`}</p>}
      {lastFault !== undefined && <p className="hint">{`Last fault ${agoWords(lastFault.atWallMs, Date.now())}: ${lastFault.what}`}</p>}
    </li>
  );
}
