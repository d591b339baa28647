import { TraceProblem } from '../trace/trace-problem.ts';
import type { StepTable } from '../step/table-step-model.ts';

interface Gauges {
  readonly promptPerSecond: number;
  readonly generatedPerSecond: number;
  readonly running: number;
}

const binRatio = 1.5;

/**
 * A table of step times from an engine's gauges, one line a second: without prefill a step gives each running request
 * a token, so it took running ÷ tokens a second. What prompts add is what such seconds lack, by the median.
 */
export function stepTableOf(lines: Iterable<string>): StepTable {
  const rows = readGauges(lines);
  const quiet = rows.filter(({ promptPerSecond, generatedPerSecond }) => promptPerSecond === 0 && generatedPerSecond > 0);
  const bins: { readonly sequences: number; readonly stepMs: number }[] = [];
  for (let low = 1; low < 1000; low = Math.max(low + 1, Math.ceil(low * binRatio))) {
    const high = Math.max(low + 1, Math.ceil(low * binRatio));
    const within = quiet.filter(({ running }) => running >= low && running < high);
    if (within.length === 0) continue;
    bins.push({
      sequences: Math.round(median(within.map(({ running }) => running))),
      stepMs: median(within.map(({ running, generatedPerSecond }) => (1000 * running) / generatedPerSecond)),
    });
  }
  const sequences = bins.map((bin) => bin.sequences);
  // A larger batch never takes less: what the gauges say otherwise is their coarseness.
  const decodeMs = bins.map((_, index) => round(Math.max(...bins.slice(0, index + 1).map(({ stepMs }) => stepMs))));
  return { sequences, decodeMs, perPrefillTokenMs: round(prefillMs(rows, sequences, decodeMs)), perKvTokenMs: 0 };
}

function prefillMs(rows: readonly Gauges[], sequences: readonly number[], decodeMs: readonly number[]): number {
  const busy = rows.filter(({ promptPerSecond, generatedPerSecond, running }) => promptPerSecond > 500 && generatedPerSecond > 0 && running > 0);
  return median(
    busy.map(({ promptPerSecond, generatedPerSecond, running }) => {
      const row = Math.max(
        0,
        sequences.findLastIndex((count) => count <= running),
      );
      const stepsMs = (generatedPerSecond / running) * (decodeMs[row] ?? 0);
      return Math.max(0, 1000 - stepsMs) / promptPerSecond;
    }),
  );
}

function readGauges(lines: Iterable<string>): readonly Gauges[] {
  const [header = '', ...rest] = lines;
  const names = header.trim().split(',');
  return rest
    .filter((line) => line !== '')
    .map((line, index) => {
      const fields = line.split(',').map(Number);
      const field = (name: string): number => {
        const value = fields[names.indexOf(name)];
        if (value === undefined || Number.isNaN(value))
          throw new TraceProblem(index + 2, `${name} is no number.`, 'It must be one line of gauges a second.');
        return value;
      };
      return { promptPerSecond: field('prompt_throughput'), generatedPerSecond: field('gen_throughput'), running: field('running') };
    });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
