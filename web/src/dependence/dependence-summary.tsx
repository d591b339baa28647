import {
  atLeastWords,
  capsInBrief,
  concentrationWords,
  countWords,
  groupWords,
  heldBy,
  percent,
  whoseWords,
  worstWithoutLargest,
} from './dependence-words.ts';
import { ScrollRegion } from './scroll-region.tsx';
import type { DependenceReport } from './dependence-report.ts';

/** What an engineer must see within five seconds: the sentence, who has no second source, and four figures. */
export function DependenceSummary({ report }: { readonly report: DependenceReport }) {
  const yielding = report.caps.filter(({ state }) => state === 'yielding');
  return (
    <>
      <p className="sentence">{report.sentence}</p>
      <div role="status">
        {yielding.length > 0 && (
          <p className="yield-note">
            <span aria-hidden="true">▲</span>{' '}
            {`A loss is declared. The ${yielding.length === 1 ? 'cap' : 'caps'} on ${yielding.map(({ group }) => groupWords(group)).join(', ')} ${yielding.length === 1 ? 'lets' : 'let'} everything pass until it is over.`}
          </p>
        )}
      </div>
      <WithoutSecondSource report={report} />
      {report.shares.some(({ tokens }) => tokens > 0) && <KeyFigures report={report} />}
    </>
  );
}

function WithoutSecondSource({ report }: { readonly report: DependenceReport }) {
  const models = report.withoutSecondSource;
  if (models.length === 0) return null;
  const list = (
    <ul>
      {models.map((model) => {
        const holder = heldBy(model, report);
        return (
          <li key={model}>
            <strong>{model}</strong>
            {holder !== undefined && <span className="hint">{` only by ${holder}`}</span>}
          </li>
        );
      })}
    </ul>
  );
  return (
    <section className="without-second">
      <h3>
        <span aria-hidden="true">!</span>{' '}
        {models.length === 1 ? '1 model without a second source' : `${models.length} models without a second source`}
      </h3>
      {models.length > 12 ? (
        <ScrollRegion name="Models without a second source" long>
          {list}
        </ScrollRegion>
      ) : (
        list
      )}
    </section>
  );
}

function KeyFigures({ report }: { readonly report: DependenceReport }) {
  const { shares, concentration, caps } = report;
  const largest = shares[0];
  const name = largest === undefined ? '' : whoseWords(largest.vendor);
  const worst = worstWithoutLargest(report);
  const tokens = shares.reduce((sum, share) => sum + share.tokens, 0);
  return (
    <dl className="key-figures">
      <div>
        <dt>Largest vendor</dt>
        <dd>{largest === undefined ? 'none' : `${name} ${percent(largest.share)}`}</dd>
        <dd className="hint">{`of ${countWords(tokens)} tokens`}</dd>
      </div>
      <div>
        <dt>{`Worst served without ${name}`}</dt>
        <dd>{worst === undefined ? 'not known' : atLeastWords(worst.atLeast)}</dd>
        <dd className="hint">{worst === undefined ? 'no bound for its loss' : `of the peak of ${worst.model}, ${worst.sloClass}`}</dd>
      </div>
      <div>
        <dt>Concentration</dt>
        <dd>{concentrationWords(concentration.vendor)}</dd>
        <dd className="hint">{indexWords(concentration)}</dd>
      </div>
      <div>
        <dt>Caps</dt>
        <dd>{capsInBrief(caps)}</dd>
        <dd className="hint">{caps.length === 0 ? 'nothing bounds a share' : `of ${caps.length}`}</dd>
      </div>
    </dl>
  );
}

function indexWords({ vendor, controlGroup }: DependenceReport['concentration']): string {
  const index = vendor === undefined ? '' : `HHI ${vendor.toFixed(2)}`;
  if (controlGroup === undefined || controlGroup === vendor) return `${index}; 1 is all from one`;
  return `${index}; by control group ${controlGroup.toFixed(2)}`;
}
