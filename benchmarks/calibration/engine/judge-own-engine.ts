import { fidelityOf, fitEngine, fittedOf, replayRecording } from '../../../src/simulate/calibrate/fidelity.ts';
import { isWithinBars, showFidelity } from '../show-fidelity.ts';
import { ownEngine, recordOwnEngine } from './own-engine.ts';
import { RooflineStepModel } from '../../../src/simulate/step/roofline-step-model.ts';

/**
 * Records our own engine under load twice, says how far the two runs of each schedule lie apart, fits the step model to
 * the first third of the first runs and tests it on the rest of them. Whether all loads are within the bars.
 */
export async function judgeOwnEngine(evaluations: number, say: (line: string) => void): Promise<boolean> {
  const recordings = await recordOwnEngine(2, say);
  const firsts = recordings.flatMap(({ runs }) => runs.slice(0, 1));
  const fit = fitEngine(ownEngine, firsts, evaluations);
  const stepModel = new RooflineStepModel(ownEngine.chip, ownEngine.model, fit);
  say(`own engine: ${JSON.stringify(fit)}`);
  let isWithin = true;
  for (const { load, perSecond, runs, latestMs } of recordings) {
    const [first = [], second = []] = runs;
    const third = fittedOf(first).length;
    const tested = fidelityOf(first.slice(third), replayRecording(ownEngine, stepModel, first).slice(third));
    const noise = fidelityOf(first.slice(third), second.slice(third));
    isWithin &&= isWithinBars(tested);
    say(`own engine at ${load} of what it does, ${perSecond.toFixed(2)} requests a second, never more than ${latestMs.toFixed(0)} ms late to ask:`);
    say(showFidelity('noise: the same schedule again', noise));
    say(showFidelity('tested', tested));
    if (!isWithinBars(noise)) say('  void: the engine differs from itself by more than the bars here, so nothing is shown either way');
  }
  return isWithin;
}
