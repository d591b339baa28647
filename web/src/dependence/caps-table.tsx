import { capRuleWords, capStateWords, displacedWords, groupWords, percent } from './dependence-words.ts';
import { Meter } from './meter.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import type { CapStanding } from './dependence-report.ts';

const urgency = ['yielding', 'binding', 'near', 'room', 'below-minimum'] as const;

/** Every cap with its state, what needs a look first, and what it moved elsewhere. */
export function CapsTable({ caps }: { readonly caps: readonly CapStanding[] }) {
  if (caps.length === 0) return <p className="hint">No cap is set, so nothing bounds how much depends on one vendor.</p>;
  const sorted = caps.toSorted((one, other) => urgency.indexOf(one.state) - urgency.indexOf(other.state));
  return (
    <ScrollRegion name="Caps" long={caps.length > 12}>
      <table className="figures">
        <caption>How each cap stands in its current window, and what it displaced. The mark in a bar is the cap.</caption>
        <thead>
          <tr>
            <th scope="col">Cap on</th>
            <th scope="col">State</th>
            <th scope="col">Now</th>
            <th scope="col">Displaced</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((cap, index) => (
            <CapRow key={`${index}-${cap.group.by}-${cap.group.name}`} cap={cap} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function CapRow({ cap }: { readonly cap: CapStanding }) {
  const { sign, name, meaning } = capStateWords(cap.state);
  return (
    <tr>
      <th scope="row" className="prose">
        {groupWords(cap.group)}
        <span className="below-name">{capRuleWords(cap)}</span>
      </th>
      <td className="prose">
        <span className={`cap-state ${cap.state}`}>
          <span aria-hidden="true">{sign}</span> {name}
        </span>
        <span className="below-name">{meaning}</span>
      </td>
      <td className="metered">
        <Meter share={cap.share} most={cap.most} /> <span className="meter-words">{`${percent(cap.share)} of ${percent(cap.most)}`}</span>
      </td>
      <td className="prose">{displacedWords(cap)}</td>
    </tr>
  );
}
