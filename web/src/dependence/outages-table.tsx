import { useState } from 'react';
import { atLeastWords, countWords, groupWords, leftOutWords } from './dependence-words.ts';
import { Meter } from './meter.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import type { Group, OutageBound } from './dependence-report.ts';

/** So many rows are drawn unasked: every model × class × loss may be thousands. */
const rowsAtFirst = 60;

const losses: readonly { readonly by: Group['by']; readonly name: string }[] = [
  { by: 'vendor', name: 'a vendor' },
  { by: 'controlGroup', name: 'a control group' },
  { by: 'failureDomain', name: 'a failure domain' },
  { by: 'chip', name: 'a chip' },
  { by: 'endpoint', name: 'an endpoint' },
];

/** N-1: what would surely still be served after each loss, the worst first. */
export function OutagesTable({ outages }: { readonly outages: readonly OutageBound[] }) {
  const [by, setBy] = useState<Group['by'] | 'anything'>('anything');
  const [all, setAll] = useState(false);
  if (outages.length === 0) return <p className="hint">No bound yet: it is a part of the window’s peak load, so there must be traffic first.</p>;
  const chosen = outages.filter(({ lost }) => by === 'anything' || lost.by === by).toSorted((one, other) => one.atLeast - other.atLeast);
  const rows = all ? chosen : chosen.slice(0, rowsAtFirst);
  return (
    <>
      <p className="choice">
        <label>
          Without{' '}
          <select value={by} onChange={(event) => setBy(losses.find((loss) => loss.by === event.target.value)?.by ?? 'anything')}>
            <option value="anything">anything</option>
            {losses
              .filter((loss) => outages.some(({ lost }) => lost.by === loss.by))
              .map((loss) => (
                <option key={loss.by} value={loss.by}>
                  {loss.name}
                </option>
              ))}
          </select>
        </label>
        <span className="hint" role="status">
          {rows.length === chosen.length ? `${rows.length} rows` : `the worst ${rows.length} of ${chosen.length} rows`}
        </span>
        {chosen.length > rowsAtFirst && (
          <button type="button" aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? 'Only the worst' : 'All rows'}
          </button>
        )}
      </p>
      <ScrollRegion name="What would be served after a loss" long={rows.length > 8}>
        <table className="figures">
          <caption>The part of the window’s peak load that the rest would surely serve in time, with cold caches; the worst first</caption>
          <thead>
            <tr>
              <th scope="col">Without</th>
              <th scope="col">Still served</th>
              <th scope="col">Model</th>
              <th scope="col">Class</th>
              <th scope="col" className="number">
                Peak, tokens/s
              </th>
              <th scope="col">Not counted, and why</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <OutageRow key={JSON.stringify([row.lost.by, row.lost.name, row.model, row.sloClass])} row={row} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  );
}

function OutageRow({ row }: { readonly row: OutageBound }) {
  const { lost, model, sloClass, atLeast, peakTokensPerSecond } = row;
  const whole = atLeast >= 1 ? 'safe' : atLeast === 0 ? 'lost' : 'partly';
  return (
    <tr className={`outage ${whole}`}>
      <th scope="row">{groupWords(lost)}</th>
      <td className="metered">
        <Meter share={atLeast} /> <span className="meter-words">{atLeastWords(atLeast)}</span>
      </td>
      <td className="prose">{model}</td>
      <td>{sloClass}</td>
      <td className="number">{countWords(peakTokensPerSecond)}</td>
      <td className="prose">
        <LeftOut row={row} />
      </td>
    </tr>
  );
}

function LeftOut({ row }: { readonly row: OutageBound }) {
  const lines = leftOutWords(row);
  if (lines.length === 0) return <span className="hint">none</span>;
  if (lines.length === 1) return <span>{lines[0]}</span>;
  const count = row.leftOut.length;
  return (
    <details>
      <summary>{`${count} endpoints`}</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}
