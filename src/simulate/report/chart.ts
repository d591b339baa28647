import { escapeHtml } from './escape-html.ts';

export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly halfWidth?: number | undefined }[];
  /** Drawn with gaps: a bound, not a result. */
  readonly isDashed?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
  /** What the axes show at least. */
  readonly yFrom?: number;
  readonly yTo?: number;
  /** The y axis by powers of ten: for figures that differ a hundredfold. Values below 1 are drawn at 1. */
  readonly isLogarithmic?: boolean;
}

const width = 640;
const height = 320;
const left = 72;
const right = 16;
const top = 16;
const bottom = 44;
/** So many places on the x axis are named one by one. */
const fewPlaces = 6;

/** Lines with their intervals as an SVG that needs nothing else. */
export function chart({ title, xTitle, yTitle, series: given, yFrom, yTo, isLogarithmic = false }: ChartOptions): string {
  const series = isLogarithmic ? given.map(logarithmic) : given;
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = series.flatMap(({ points }) => points.flatMap(({ y, halfWidth = 0 }) => [y - halfWidth, y + halfWidth]));
  if (xs.length === 0) return '';
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const y0 = Math.min(yFrom ?? Infinity, ...ys);
  const y1 = Math.max(yTo ?? -Infinity, ...ys);
  const px = (x: number): number => left + ((width - left - right) * (x - x0)) / (x1 - x0 || 1);
  const py = (y: number): number => height - bottom - ((height - top - bottom) * (y - y0)) / (y1 - y0 || 1);
  const grid = (isLogarithmic ? decades(y0, y1) : ticks(y0, y1)).map(
    (y) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${at(py(y))}" y2="${at(py(y))}"/><text class="tick" x="${left - 6}" y="${at(py(y) + 4)}" text-anchor="end">${short(isLogarithmic ? 10 ** y : y)}</text>`,
  );
  const places = [...new Set(xs)].toSorted((a, b) => a - b);
  const below = (places.length <= fewPlaces ? places : ticks(x0, x1)).map(
    (x) => `<text class="tick" x="${at(px(x))}" y="${height - bottom + 18}" text-anchor="middle">${short(x)}</text>`,
  );
  const drawn = series.map((one) => seriesPath(one, px, py));
  return [
    `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<title>${escapeHtml(title)}</title>`,
    ...grid,
    ...below,
    `<text class="axis" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(xTitle)}</text>`,
    `<text class="axis" transform="translate(14 ${(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yTitle)}</text>`,
    ...drawn,
    '</svg>',
    `<figcaption>${escapeHtml(title)}<ul class="key">${series.map(({ name, colour, isDashed }) => `<li><i style="border-top:3px ${isDashed === true ? 'dashed' : 'solid'} ${colour}"></i>${escapeHtml(name)}</li>`).join('')}</ul></figcaption></figure>`,
  ].join('\n');
}

/** The same by the logarithms of its values, without intervals, whose ends may lie below nothing. */
function logarithmic({ points, ...series }: Series): Series {
  return { ...series, points: points.map(({ x, y }) => ({ x, y: Math.log10(Math.max(1, y)) })) };
}

function seriesPath({ colour, points, isDashed }: Series, px: (x: number) => number, py: (y: number) => number): string {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const line = sorted.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${at(px(x))} ${at(py(y))}`).join('');
  const dash = isDashed === true ? ' stroke-dasharray="6 4"' : '';
  const bars = sorted.flatMap(({ x, y, halfWidth }) =>
    halfWidth === undefined
      ? []
      : [`<line stroke="${colour}" x1="${at(px(x))}" x2="${at(px(x))}" y1="${at(py(y - halfWidth))}" y2="${at(py(y + halfWidth))}"/>`],
  );
  const dots = sorted.length > 40 ? [] : sorted.map(({ x, y }) => `<circle fill="${colour}" cx="${at(px(x))}" cy="${at(py(y))}" r="2.5"/>`);
  return `<path fill="none" stroke="${colour}" stroke-width="1.8"${dash} d="${line}"/>${bars.join('')}${dots.join('')}`;
}

function ticks(from: number, to: number): number[] {
  const rough = (to - from || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((part) => part * power).find((size) => size >= rough) ?? rough;
  const found: number[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to + step * 1e-9; value += step) found.push(value);
  return found;
}

/** 1, 2 and 5 of each power of ten, as logarithms. */
function decades(from: number, to: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(from); power <= to; power += 1) found.push(...[1, 2, 5].map((part) => power + Math.log10(part)));
  return found.filter((value) => value >= from - 1e-9 && value <= to + 1e-9);
}

function at(value: number): string {
  return value.toFixed(1);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
