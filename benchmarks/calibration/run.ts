/**
 * How near the simulator comes to what others measured: `npm run benchmark:calibration`. Fits an engine to the first
 * third of each recorded vLLM run and tests it on the rest; fits the three vendors' pools to all of their stages.
 *   --pools   the pools too, which takes some minutes
 */
import { gunzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { fidelityOf, fitEngine, replayRecording, type Fidelity, type FidelityError } from '../../src/simulate/calibrate/fidelity.ts';
import { fitPool, poolReplicas, simulateStage } from '../../src/simulate/calibrate/three-vendor-pools.ts';
import { readRecordedRun } from '../../src/simulate/calibrate/recorded-run.ts';
import { recordedEngines } from '../../src/simulate/calibrate/recorded-engines.ts';
import { RooflineStepModel } from '../../src/simulate/step/roofline-step-model.ts';
import { threeVendorFacts } from '../../src/simulate/calibrate/three-vendor-facts.ts';

const engineEvaluations = 250;
const poolEvaluations = 60;
const bars = { total: 0.1, ttft: 0.2, tpot: 0.1 } as const;

const { values } = parseArgs({ options: { pools: { type: 'boolean', default: false } } });

function show(name: string, fidelity: Fidelity): string {
  const one = (of: keyof typeof bars): string => {
    const { ofMean, each }: FidelityError = fidelity[of];
    return `${of} ${(100 * each).toFixed(1)} % off request by request, ${(100 * ofMean).toFixed(1)} % in the mean`;
  };
  return `  ${name} (n = ${fidelity.requests}): ${one('total')}; ${one('ttft')}; ${one('tpot')}`;
}

for (const [name, engine] of Object.entries(recordedEngines)) {
  const packed = readFileSync(new URL(`../traces/vllm-${name}.jsonl.gz`, import.meta.url));
  const run = readRecordedRun(gunzipSync(packed).toString().split('\n'));
  const third = Math.floor(run.length / 3);
  const fit = fitEngine(engine, run, third, engineEvaluations);
  const predicted = replayRecording(engine, new RooflineStepModel(engine.chip, engine.model, fit), run);
  const tested = fidelityOf(run.slice(third), predicted.slice(third));
  console.log(`${name}: ${JSON.stringify(fit)}`);
  console.log(show('fitted', fidelityOf(run.slice(0, third), predicted.slice(0, third))));
  console.log(show('tested', tested));
  if (tested.total.each > bars.total || tested.ttft.each > bars.ttft || tested.tpot.each > bars.tpot) process.exitCode = 3;
}
for (const facts of values.pools ? threeVendorFacts : []) {
  const { fit, loss } = fitPool(facts, poolEvaluations);
  console.log(`${facts.pool}: ${JSON.stringify(fit)}, loss ${loss.toFixed(3)}`);
  for (const stage of facts.stages) {
    const found = simulateStage(poolReplicas(facts, fit), stage, 2);
    console.log(
      `  ${stage.perSecond}/s: TTFT ${stage.ttftMeanMs} ms, simulated ${found.ttftMeanMs.toFixed(0)}; TPOT ${stage.tpotMeanMs}, ${found.tpotMeanMs.toFixed(1)}; total ${stage.totalMeanMs}, ${found.totalMeanMs.toFixed(0)}`,
    );
  }
}
