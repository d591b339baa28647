import { EvidenceMark } from '../evidence-mark.tsx';
import { countWords, evidenceParts, percent, spanWords, usdWords, whoseWords } from './dependence-words.ts';
import { LineMark } from './line-mark.tsx';
import { Meter } from './meter.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import type { DependenceReport, VendorShare } from './dependence-report.ts';

interface SharesTableProps {
  readonly report: DependenceReport;
  /** Which line of the chart a vendor has. */
  readonly lineOf: (vendor: string) => number;
}

/** Whose silicon made the window's tokens, and how that is known. Emulated tokens stand apart. */
export function SharesTable({ report: { shares, emulatedTokens, windowMs }, lineOf }: SharesTableProps) {
  return (
    <ScrollRegion name="Shares" long={shares.length > 12}>
      <table className="figures">
        <caption>{`Whose silicon made the tokens of the last ${spanWords(windowMs)}, and how that is known`}</caption>
        <thead>
          <tr>
            <th scope="col">Vendor</th>
            <th scope="col">Share</th>
            <th scope="col">Evidence</th>
            <th scope="col" className="number">
              Tokens
            </th>
            <th scope="col" className="number">
              Requests
            </th>
            <th scope="col" className="number">
              Money
            </th>
          </tr>
        </thead>
        <tbody>
          {shares.map((share) => (
            <ShareRow key={share.vendor} share={share} line={lineOf(share.vendor)} />
          ))}
        </tbody>
        {emulatedTokens > 0 && (
          <tfoot>
            <tr>
              <th scope="row">
                <EvidenceMark evidence="emulated" />
              </th>
              <td colSpan={2} className="hint">
                in no share: no vendor’s silicon made them
              </td>
              <td className="number">{countWords(emulatedTokens)}</td>
              <td />
              <td />
            </tr>
          </tfoot>
        )}
      </table>
    </ScrollRegion>
  );
}

function ShareRow({ share, line }: { readonly share: VendorShare; readonly line: number }) {
  const { vendor, controlGroup, tokens, requests, usd } = share;
  return (
    <tr>
      <th scope="row">
        <LineMark line={line} /> {whoseWords(vendor)}
        {controlGroup !== vendor && <span className="below-name">{`controlled by ${whoseWords(controlGroup)}`}</span>}
        {vendor === 'unknown' && <span className="below-name">counts against every cap</span>}
      </th>
      <td className="metered">
        <Meter share={share.share} /> <span className="meter-words">{percent(share.share)}</span>
      </td>
      <td>
        {evidenceParts(share).map(({ kind, part }) => (
          <span key={kind} className={kind === 'unknown' ? 'evidence-part unsure' : 'evidence-part'}>
            <EvidenceMark evidence={kind} /> {part}
          </span>
        ))}
      </td>
      <td className="number">{countWords(tokens)}</td>
      <td className="number">{countWords(requests)}</td>
      <td className="number">{usd === undefined ? <span className="hint">unknown</span> : usdWords(usd)}</td>
    </tr>
  );
}
