import { useEffect, useRef } from 'react';
import { agoWords } from '../answer-words.ts';
import { CapsTable } from './caps-table.tsx';
import { countWords } from './dependence-words.ts';
import { DependenceSummary } from './dependence-summary.tsx';
import { OutagesTable } from './outages-table.tsx';
import { ShareChart } from './share-chart.tsx';
import { SharesTable } from './shares-table.tsx';
import { shareSeries } from './share-series.ts';
import { windows, type Dependence } from './dependence-state.ts';
import type { DependenceView } from './use-dependence.ts';
import type { DependenceReport } from './dependence-report.ts';

/** How much depends on whom, what caps do about it, and what would happen without each. */
export function DependencePage({ view }: { readonly view: DependenceView }) {
  const { dependence, asked, ask } = view;
  const main = useRef<HTMLElement>(null);
  // The page scrolls within this element, so that its keys work only once the focus is in here.
  useEffect(() => main.current?.focus({ preventScroll: true }), []);
  return (
    <main ref={main} className="dependence" aria-labelledby="dependence-heading" tabIndex={-1}>
      <div className="dependence-sheet">
        <header className="dependence-head">
          <h2 id="dependence-heading">Dependence</h2>
          <label>
            <span>Over the</span>{' '}
            <select value={asked} onChange={(event) => ask(windows.find((one) => one.asked === event.target.value)?.asked ?? asked)}>
              {windows.map((one) => (
                <option key={one.asked} value={one.asked}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
          <FreshnessNote view={view} />
        </header>
        <Body dependence={dependence} />
      </div>
    </main>
  );
}

/** How old what is shown is; loudly, where nothing newer came. */
function FreshnessNote({ view: { dependence, asked } }: { readonly view: DependenceView }) {
  if (dependence.kind !== 'known') return null;
  const { receivedAtWallMs, lookedAtWallMs, stale } = dependence;
  const age = agoWords(receivedAtWallMs, lookedAtWallMs);
  if (dependence.asked !== asked && stale === undefined)
    return (
      <span className="hint" role="status">
        Loading
      </span>
    );
  return stale === undefined ? (
    <span className="hint">{`Seen ${age}`}</span>
  ) : (
    <p className="stale-note">
      {/* Without the age, which would have it read aloud again and again. */}
      <span role="alert">{`Nothing newer came: ${stale}`}</span>
      {` What you see was seen ${age}.`}
    </p>
  );
}

function Body({ dependence }: { readonly dependence: Dependence }) {
  switch (dependence.kind) {
    case 'loading':
      return (
        <p className="hint" role="status">
          Loading
        </p>
      );
    case 'signed-out':
      return <p role="status">Sign in above to see how much depends on whom.</p>;
    case 'failed':
      return (
        <p className="fault" role="alert">
          {`How much depends on whom cannot be told: ${dependence.why}`}
        </p>
      );
    case 'known':
      return <Report report={dependence.report} />;
  }
}

function Report({ report }: { readonly report: DependenceReport }) {
  const series = shareSeries(
    report.overTime,
    report.shares.map(({ vendor }) => vendor),
  );
  const othersLine = 5;
  const lineOf = (vendor: string): number => {
    const line = series.findIndex((one) => one.vendor === vendor);
    return line < 0 ? othersLine : line;
  };
  // Requests that were answered without a single token may be in the window too.
  const hasTokens = report.shares.some(({ tokens }) => tokens > 0);
  return (
    <>
      <DependenceSummary report={report} />
      {!hasTokens && <NoTraffic emulatedTokens={report.emulatedTokens} />}
      {hasTokens && (
        <section>
          <h3>Share over time</h3>
          <ShareChart report={report} series={series} />
        </section>
      )}
      {(hasTokens || report.emulatedTokens > 0) && (
        <section>
          <h3>Shares</h3>
          <SharesTable report={report} lineOf={lineOf} />
        </section>
      )}
      <section>
        <h3>Caps</h3>
        <CapsTable caps={report.caps} />
      </section>
      <section>
        <h3>If one is lost (N-1)</h3>
        <OutagesTable outages={report.outages} />
      </section>
    </>
  );
}

function NoTraffic({ emulatedTokens }: { readonly emulatedTokens: number }) {
  return (
    <section className="no-traffic">
      <h3>No vendor’s tokens in this window yet</h3>
      <p>
        {emulatedTokens === 0
          ? 'Ask something in the '
          : `${countWords(emulatedTokens)} tokens were made by emulated chips, which are no vendor’s. For shares, ask an endpoint that is not emulated in the `}
        <a href="#/">chat</a>
        {', send requests to the API, or choose a longer window. Shares appear here within seconds.'}
      </p>
    </section>
  );
}
