import { describe, expect, test } from 'vitest';
import { fidelityOf, fitEngine, replayRecording } from './fidelity.ts';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { readRecordedRun, type RecordedRequest } from './recorded-run.ts';
import { recordedEngines } from './recorded-engines.ts';
import { recordedStepTables } from '../step/recorded-step-tables.ts';
import { RooflineStepModel } from '../step/roofline-step-model.ts';
import { stepTableOf } from './step-table-of.ts';

const file = (name: string): string[] =>
  gunzipSync(readFileSync(new URL(`../../../benchmarks/traces/${name}.gz`, import.meta.url)))
    .toString()
    .split('\n');

describe.each(['rtx4090', 'rtxpro6000'] as const)('the recorded run on %s', (name) => {
  const run: readonly RecordedRequest[] = readRecordedRun(file(`vllm-${name}.jsonl`));

  test('is met within the bars on the two thirds that the fit never saw', () => {
    const engine = recordedEngines[name];
    const fitted = run.length / 3;
    const fit = fitEngine(engine, [run], 200);
    const predicted = replayRecording(engine, new RooflineStepModel(engine.chip, engine.model, fit), run);
    const { requests, ttft, tpot, total } = fidelityOf(run.slice(fitted), predicted.slice(fitted));
    expect(requests).toBe(200);
    // Of each request, which is harder than of the means.
    expect(total.each).toBeLessThan(0.1);
    expect(ttft.each).toBeLessThan(0.2);
    expect(tpot.each).toBeLessThan(0.1);
  });

  test('gives the step table that is kept', () => {
    expect(stepTableOf(file(`vllm-${name}-gauges.csv`))).toEqual(recordedStepTables[name]);
  });
});
