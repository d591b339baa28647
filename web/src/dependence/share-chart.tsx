import { linePath, spreadLabels, type Scale } from './chart-geometry.ts';
import { groupWords, percent, spanWords, whoseWords } from './dependence-words.ts';
import { dashOf } from './line-mark.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import { useWidth } from './use-width.ts';
import type { CapStanding, DependenceReport } from './dependence-report.ts';
import type { ShareSeries } from './share-series.ts';

const height = 260;
const edge = { top: 12, right: 126, bottom: 26, left: 44 };
const levels = [0, 0.25, 0.5, 0.75, 1];
const longestLabel = 15;
const dayMs = 86_400_000;

interface ShareChartProps {
  readonly report: DependenceReport;
  readonly series: readonly ShareSeries[];
}

/** Each vendor's share over time, with the caps on vendors' tokens, and the same as a table. */
export function ShareChart({ report: { overTime, caps, windowMs }, series }: ShareChartProps) {
  const [frame, width] = useWidth();
  const shown = caps.filter(({ group, measure }) => group.by === 'vendor' && measure === 'tokens');
  const lineOf = (vendor: string): number => series.findIndex((one) => one.vendor === vendor);
  return (
    <figure className="share-chart">
      <figcaption>{captionOf(shown.length, caps.length, overTime.bucketMs)}</figcaption>
      <div ref={frame}>{width > 0 && <Drawing width={width} windowMs={windowMs} series={series} caps={shown} lineOf={lineOf} />}</div>
      <details>
        <summary>The same as a table</summary>
        <ShareTable series={series} windowMs={windowMs} />
      </details>
    </figure>
  );
}

function captionOf(shown: number, all: number, bucketMs: number): string {
  const points = `Each vendor’s part of the tokens, in steps of ${spanWords(bucketMs)}.`;
  const lines = shown === 0 ? '' : ' A cap is a hatched edge; it holds over its own window, so that a step may be above it.';
  const others = shown === all ? '' : ' Caps on anything but a vendor’s tokens are in the table of caps.';
  return points + lines + others;
}

interface DrawingProps {
  readonly width: number;
  readonly windowMs: number;
  readonly series: readonly ShareSeries[];
  readonly caps: readonly CapStanding[];
  readonly lineOf: (vendor: string) => number;
}

function Drawing({ width, windowMs, series, caps, lineOf }: DrawingProps) {
  const times = (series[0]?.points ?? []).map(({ atWallMs }) => atWallMs);
  const scale = scaleFor(width, times[0] ?? 0, times.at(-1) ?? 0);
  const right = width - edge.right;
  const capNames = spreadLabels(
    caps.map(({ most }) => scale.y(most) + 13),
    14,
    scale.y(0) - 4,
  );
  const ends = series.map(({ points }) => points.findLast(({ share }) => share !== undefined)?.share);
  const labels = spreadLabels(
    ends.map((end) => scale.y(end ?? 0)),
    16,
    scale.y(0),
  );
  return (
    <svg width={width} height={height} role="img" aria-label={chartWords(series)}>
      <defs>
        <pattern id="cap-hatch" width="6" height="6" patternUnits="userSpaceOnUse">
          <path d="M0 6L6 0" className="cap-hatch" />
        </pattern>
      </defs>
      {levels.map((level) => (
        <g key={level}>
          <path className="grid" d={`M${edge.left} ${scale.y(level)}H${right}`} />
          <text className="tick" x={edge.left - 6} y={scale.y(level) + 4} textAnchor="end">
            {percent(level)}
          </text>
        </g>
      ))}
      {ticks(times, width).map((at, index, all) => (
        <text
          key={at}
          className="tick"
          x={scale.x(at)}
          y={height - 6}
          textAnchor={index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle'}
        >
          {timeWords(at, windowMs)}
        </text>
      ))}
      {caps.map((cap, index) => (
        <CapEdge
          key={`${index}-${cap.group.name}`}
          cap={cap}
          line={lineOf(cap.group.name)}
          y={scale.y(cap.most)}
          nameY={capNames[index] ?? 0}
          right={right}
        />
      ))}
      {series.map((one, line) => (
        <g key={one.vendor ?? 'others'} className={`line-${line}`}>
          <path className="share-line" d={linePath(one.points, scale)} strokeDasharray={dashOf(line)} />
          <LineName end={ends[line]} labelY={labels[line] ?? 0} scale={scale} right={right} name={nameOf(one)} />
        </g>
      ))}
    </svg>
  );
}

interface LineNameProps {
  /** The last share of the line; undefined where it has none. */
  readonly end: number | undefined;
  readonly labelY: number;
  readonly scale: Scale;
  readonly right: number;
  readonly name: string;
}

/** The name beside a line's end, led to from there, since names that would cover each other are moved apart. */
function LineName({ end, labelY, scale, right, name }: LineNameProps) {
  if (end === undefined) return null;
  return (
    <>
      <path className="line-lead" d={`M${right} ${scale.y(end)}L${right + 10} ${labelY}`} />
      <text className="line-name" x={right + 13} y={labelY + 4}>
        {shortened(name)}
      </text>
    </>
  );
}

function nameOf({ vendor, vendors }: ShareSeries): string {
  return vendor === undefined ? `${vendors} others` : whoseWords(vendor);
}

interface CapEdgeProps {
  readonly cap: CapStanding;
  /** The line of its vendor; negative where that has none. */
  readonly line: number;
  readonly y: number;
  readonly nameY: number;
  readonly right: number;
}

function CapEdge({ cap, line, y, nameY, right }: CapEdgeProps) {
  const words = `${cap.kind} cap ${groupWords(cap.group)} ${percent(cap.most)}`;
  return (
    <g className={line < 0 ? 'cap-edge' : `cap-edge line-${line}`}>
      <rect className="cap-band" x={edge.left} y={y - 7} width={Math.max(0, right - edge.left)} height="7" fill="url(#cap-hatch)" />
      <path className="cap-line" d={`M${edge.left} ${y}H${right}`} />
      <text className="cap-name" x={edge.left + 6} y={nameY}>
        {words}
      </text>
    </g>
  );
}

function ShareTable({ series, windowMs }: { readonly series: readonly ShareSeries[]; readonly windowMs: number }) {
  const times = series[0]?.points ?? [];
  return (
    <ScrollRegion name="Shares over time" long>
      <table className="figures">
        <caption>Each vendor’s part of the tokens over time</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map((one) => (
              <th key={one.vendor ?? 'others'} scope="col" className="number">
                {nameOf(one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map(({ atWallMs }, row) => (
            <tr key={atWallMs}>
              <th scope="row">{timeWords(atWallMs, windowMs)}</th>
              {series.map(({ vendor, points }) => (
                <td key={vendor ?? 'others'} className="number">
                  {points[row]?.share === undefined ? 'no tokens' : percent(points[row].share)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function scaleFor(width: number, first: number, last: number): Scale {
  const wide = Math.max(1, width - edge.left - edge.right);
  const high = height - edge.top - edge.bottom;
  return {
    x: (at) => edge.left + (last > first ? ((at - first) / (last - first)) * wide : wide / 2),
    y: (share) => edge.top + (1 - Math.min(1, Math.max(0, share))) * high,
  };
}

/** Times to write under the axis: as many as have room. */
function ticks(times: readonly number[], width: number): readonly number[] {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (first === last) return [first];
  const count = width < 480 ? 2 : 4;
  return Array.from({ length: count + 1 }, (_, index) => first + ((last - first) * index) / count);
}

function timeWords(atWallMs: number, windowMs: number): string {
  const date = new Date(atWallMs);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return windowMs > dayMs ? `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}` : time;
}

function shortened(name: string): string {
  return name.length > longestLabel ? `${name.slice(0, longestLabel - 1)}…` : name;
}

/** What the drawing shows, for whoever cannot see it: where each line began and ended. */
function chartWords(series: readonly ShareSeries[]): string {
  const parts = series.flatMap((one) => {
    const known = one.points.flatMap(({ share }) => share ?? []);
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [`${nameOf(one)} from ${percent(first)} to ${percent(last)}`];
  });
  return `Shares over time: ${parts.join(', ')}. The table below has every step.`;
}
