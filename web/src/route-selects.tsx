import { siliconName } from './answer-words.ts';
import type { EndpointStatus } from './endpoint-status.ts';

interface RouteSelectsProps {
  readonly models: readonly string[];
  readonly model: string | undefined;
  readonly onModel: (model: string) => void;
  /** The endpoints that serve the chosen model. */
  readonly servers: readonly EndpointStatus[];
  readonly endpoint: string | undefined;
  readonly onEndpoint: (endpoint: string | undefined) => void;
}

export function RouteSelects({ models, model, onModel, servers, endpoint, onEndpoint }: RouteSelectsProps) {
  return (
    <div className="route">
      <label>
        <span>Model</span>
        <select value={model ?? ''} disabled={models.length === 0} onChange={(event) => onModel(event.target.value)}>
          {models.length === 0 && <option value="">none yet</option>}
          {models.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Where</span>
        <select value={endpoint ?? ''} onChange={(event) => onEndpoint(event.target.value === '' ? undefined : event.target.value)}>
          <option value="">automatic</option>
          {servers.map(({ id, vendor, chip, evidence, state }) => (
            <option key={id} value={id}>
              {`${id} — ${siliconName(vendor, chip)}${evidence === 'emulated' ? ', emulated' : ''}${state === 'ready' ? '' : ` (${state})`}`}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
