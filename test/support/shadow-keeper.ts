import type { LimitKeeper, Reserved } from '../../src/budget/limit-keeper.ts';
import type { Need } from '../../src/budget/reservation.ts';

export interface Shadow {
  readonly keeper: LimitKeeper;
  readonly admitted: () => number;
  readonly refused: () => number;
  /** Whatever was admitted and would have gone over, refused and would have fitted, or spent beyond what was reserved. */
  readonly wrongs: readonly string[];
  /** What was settled in all. */
  readonly spent: () => number;
  /** What is still reserved. */
  readonly open: () => number;
}

/** Stands before a keeper with one budget of money and judges its every decision by sums of its own. */
export function shadowKeeper(keeper: LimitKeeper, mostNanoUsd: number): Shadow {
  const wrongs: string[] = [];
  let [admitted, refused, open, spent] = [0, 0, 0, 0];
  const judge = (need: Need, reserved: Reserved): Reserved => {
    const fits = spent + open + need.mostNanoUsd <= mostNanoUsd;
    if (fits !== reserved.ok) wrongs.push(`${reserved.ok ? 'admitted' : 'refused'} at ${spent} + ${open} + ${need.mostNanoUsd} of ${mostNanoUsd}`);
    if (!reserved.ok) {
      refused += 1;
      return reserved;
    }
    admitted += 1;
    open += need.mostNanoUsd;
    let isOpen = true;
    const { value } = reserved;
    const settle: typeof value.settle = (said, wallMs) => {
      if (isOpen) {
        open -= need.mostNanoUsd;
        spent += said.nanoUsd;
        if (said.nanoUsd > need.mostNanoUsd) wrongs.push(`spent ${said.nanoUsd} of ${need.mostNanoUsd}`);
      }
      isOpen = false;
      value.settle(said, wallMs);
    };
    return { ok: true, value: { need: value.need, standing: value.standing, settle } };
  };
  return {
    keeper: {
      kindsOf: (payer) => keeper.kindsOf(payer),
      reserve: (payer, requestId, need) => {
        const reserved = keeper.reserve(payer, requestId, need);
        if (reserved instanceof Promise) throw new Error('this keeper is another process, whose decisions cannot be judged in order');
        return judge(need, reserved);
      },
    },
    admitted: () => admitted,
    refused: () => refused,
    wrongs,
    spent: () => spent,
    open: () => open,
  };
}
