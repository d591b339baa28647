import { allFaults } from '../simulation/outside/all-faults.ts';
import type { DialectName } from '../simulation/outside/engine-dialect.ts';
import type { EngineFault } from '../simulation/outside/engine-fault.ts';
import type { Position } from '../simulation/outside/wire-act.ts';

/** Who else is there when the endpoint fails: one that may continue its answers, a healthy one that may not, nobody. */
export type Alternative = 'may continue' | 'may not' | 'none';

export interface ChaosCell {
  readonly fault: EngineFault;
  readonly mode: 'stream' | 'whole';
  readonly position: Position;
  readonly dialect: DialectName;
  readonly alternative: Alternative;
}

export const modes = ['stream', 'whole'] as const;
export const positions: readonly Position[] = ['S1', 'S2', 'first token', 'middle', 'tool-call middle', 'S4'];
export const dialectNames: readonly DialectName[] = ['openai', 'vllm', 'llama.cpp', 'raw'];
export const alternatives: readonly Alternative[] = ['may continue', 'may not', 'none'];

/** Rows of the catalogue that this matrix leaves out as a whole, and where they are looked at instead. */
export const excludedFaults: ReadonlyMap<number, string> = new Map([
  [9, 'only HTTP/1.1 is spoken to endpoints, so there is no GOAWAY to hear'],
  [34, 'exists over sockets only: test/integration/whole-answers.test.ts'],
  [36, 'a compressed body is refused by its head (35), so that no cut of it is seen; over sockets: test/integration/framing-faults.test.ts'],
  [37, 'a compressed body is refused by its head (35), whatever is in it; over sockets: test/integration/framing-faults.test.ts'],
  [47, 'a matter of the client’s pace: clients of test/simulation that rest, and test/integration/stream-faults.test.ts'],
  [62, 'text that speaks of an error is text: nothing tells it from an answer'],
  [63, 'models repeat themselves, so a repeated chunk passes; the overlap at a seam is the continuation’s own matter'],
  [77, 'a later issue'],
  [78, 'exists over sockets only: test/integration/whole-answers.test.ts'],
]);

/** Why a cell of the nominal product does not exist; undefined where it does. */
export function whyNot({ fault, mode, position, dialect }: ChaosCell): string | undefined {
  if (!fault.modes.includes(mode))
    return mode === 'whole' ? 'an answer in one piece has no events, no pace and no end marker' : 'a stream is not judged as one body';
  if (mode === 'whole' && (position === 'first token' || position === 'S4'))
    return 'nothing of an answer in one piece is released before it is whole';
  if (position === 'tool-call middle' && dialect === 'raw') return 'raw completions call no tools';
  if (!fault.positions.includes(position)) return 'the fault does not happen there';
  return undefined;
}

export function* nominalCells(): Generator<ChaosCell> {
  for (const fault of allFaults)
    for (const mode of modes)
      for (const position of positions)
        for (const dialect of dialectNames) for (const alternative of alternatives) yield { fault, mode, position, dialect, alternative };
}

export function nameOf({ fault, mode, position, dialect, alternative }: ChaosCell): string {
  return `${fault.number} ${fault.name} | ${mode} | ${position} | ${dialect} | other: ${alternative}`;
}
