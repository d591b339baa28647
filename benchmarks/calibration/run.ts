/**
 * How near the simulator comes to what engines do: `npm run benchmark:calibration`. Fits an engine to the first third
 * of each recorded vLLM run and tests it on the rest; does the same with our own engine, recorded under load now.
 *   --no-engine   without our own engine, which takes about two and a half minutes and both cores
 *   --pools       fits the three vendors' pools to all of their stages too, which takes some minutes
 */
import { gunzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { fidelityOf, fitEngine, fittedOf, replayRecording } from '../../src/simulate/calibrate/fidelity.ts';
import { fitPool, poolReplicas, simulateStage } from '../../src/simulate/calibrate/three-vendor-pools.ts';
import { judgeOwnEngine } from './engine/judge-own-engine.ts';
import { readRecordedRun } from '../../src/simulate/calibrate/recorded-run.ts';
import { recordedEngines } from '../../src/simulate/calibrate/recorded-engines.ts';
import { RooflineStepModel } from '../../src/simulate/step/roofline-step-model.ts';
import { bars, isWithinBars, showFidelity } from './show-fidelity.ts';
import { threeVendorFacts } from '../../src/simulate/calibrate/three-vendor-facts.ts';

const engineEvaluations = 250;
const poolEvaluations = 60;

const { values } = parseArgs({ options: { pools: { type: 'boolean', default: false }, 'no-engine': { type: 'boolean', default: false } } });

console.log(
  `bars, request by request: ${Object.entries(bars)
    .map(([of, most]) => `${of} ${100 * most} %`)
    .join(', ')}`,
);
for (const [name, engine] of Object.entries(recordedEngines)) {
  const packed = readFileSync(new URL(`../traces/vllm-${name}.jsonl.gz`, import.meta.url));
  const run = readRecordedRun(gunzipSync(packed).toString().split('\n'));
  const fit = fitEngine(engine, [run], engineEvaluations);
  const predicted = replayRecording(engine, new RooflineStepModel(engine.chip, engine.model, fit), run);
  const third = fittedOf(run).length;
  const tested = fidelityOf(run.slice(third), predicted.slice(third));
  console.log(`${name}: ${JSON.stringify(fit)}`);
  console.log(showFidelity('fitted', fidelityOf(run.slice(0, third), predicted.slice(0, third))));
  console.log(showFidelity('tested', tested));
  if (!isWithinBars(tested)) process.exitCode = 3;
}
if (!values['no-engine'] && !(await judgeOwnEngine(engineEvaluations, console.log))) process.exitCode = 3;
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
