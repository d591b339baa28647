import type { Mutant } from './mutant.ts';

const guard = 'src/budget/guard.ts';
const arbiter = 'src/compose/processes/budget-arbiter.ts';
const arbiterTest = 'src/compose/processes/budget-arbiter.test.ts';
const deadTest = 'what a process that died was lent stays so until the ledger says what it charged; what it had told is not counted twice';
const leaseWorlds = {
  file: 'test/simulation/leases.test.ts',
  test: 'S26: holders and their arbiter, with messages that take their time, deaths, midnights and clocks set back: nothing is over, nobody refused for nothing, nothing is lost',
};
const budgetsTest = 'src/budget/budgets.test.ts';
const againstModel = 'against a plain model of sums: it admits exactly what fits, no window is ever over, and what ended is gone';
const limitsTest = 'test/integration/limits.test.ts';
const race = {
  file: 'test/integration/budget-race.test.ts',
  test: 'S26: 1,000 parallel requests on a budget for 500: 500 are served, 500 refused, and all of it is spent to the last billionth',
};

/** Wrong versions of what is reserved, settled and charged. */
export const budgetMutants: readonly Mutant[] = [
  {
    name: 'budgets: what others have reserved is not counted',
    edits: [
      { file: 'src/budget/spend-meter.ts', find: 'return this.most - this.#spent - this.#reserved;', replace: 'return this.most - this.#spent;' },
    ],
    killedBy: race,
  },
  {
    name: 'budgets: a request that fits exactly is refused',
    edits: [{ file: guard, find: 'if (amount <= left) continue;', replace: 'if (amount < left) continue;' }],
    killedBy: race,
  },
  {
    name: 'budgets: what one level refuses stays reserved at another',
    edits: [
      {
        file: guard,
        find: '      if (amount <= left) continue;\n',
        replace: '      if (amount <= left) {\n        meter.reserve(amount);\n        continue;\n      }\n',
      },
    ],
    killedBy: { file: budgetsTest, test: 'a request that one level refuses leaves no trace at the others' },
  },
  {
    name: 'budgets: a reservation can be settled twice',
    edits: [{ file: guard, find: '    this.#meters = undefined;\n', replace: '' }],
    killedBy: { file: budgetsTest, test: 'what is settled twice counts once, and never more than was reserved' },
  },
  {
    name: 'budgets: more is spent than was reserved',
    edits: [{ file: guard, find: 'Math.min(spent.tokens, mostTokens)', replace: 'spent.tokens' }],
    killedBy: { file: budgetsTest, test: 'what is settled twice counts once, and never more than was reserved' },
  },
  {
    name: 'budgets: a request that has ended goes on running',
    edits: [{ file: guard, find: '    for (const gate of meters.gates) gate.release(1);\n', replace: '' }],
    killedBy: { file: budgetsTest, test: againstModel },
  },
  {
    name: 'budgets: what runs over midnight is forgotten',
    edits: [
      { file: 'src/budget/spend-meter.ts', find: '    this.#window = next;\n', replace: '    this.#window = next;\n    this.#reserved = 0;\n' },
    ],
    killedBy: { file: budgetsTest, test: 'a new day gives the budget anew, less what still runs; a clock set back finds what was spent' },
  },
  {
    name: 'budgets: a clock set back gives a budget anew',
    edits: [{ file: 'src/budget/spend-meter.ts', find: 'this.#earlier.set(this.#window.startMs, this.#spent);', replace: '' }],
    killedBy: { file: budgetsTest, test: 'a new day gives the budget anew, less what still runs; a clock set back finds what was spent' },
  },
  {
    name: 'budgets: a request without any attempt keeps what it reserved',
    edits: [{ file: 'src/gateway/serve-answer.ts', find: '    admitted.value.reservation.settle(nothingSpent, clock.wallMs());\n', replace: '' }],
    killedBy: { file: limitsTest, test: 'without a record in the ledger nothing is dispatched, and what was reserved is given back (fault 90)' },
  },
  {
    name: 'budgets: an endpoint’s bill beyond what was asked for is charged',
    edits: [
      { file: 'src/upstream/attempt-book.ts', find: 'reservation === undefined ? asked : billWithin(reservation.need, asked)', replace: 'asked' },
    ],
    killedBy: {
      file: limitsTest,
      test: 'an endpoint that bills more than was asked for is the operator’s cost: the charge keeps to what was reserved',
    },
  },
  {
    name: 'budgets: an unknown price is taken for none',
    edits: [
      {
        file: 'src/gateway/admit-request.ts',
        find: 'const dearest = kinds.money ? terms.dearest : noTerms.dearest;',
        replace: 'const dearest = terms.dearest ?? noTerms.dearest;',
      },
    ],
    killedBy: { file: limitsTest, test: 'an unknown price is refused to whoever has a budget of money, unless a cap says what to take it for' },
  },
  {
    name: 'budgets: what nobody bounded stays unbounded',
    edits: [{ file: 'src/gateway/admit-request.ts', find: 'request: boundAnswer(request, most)', replace: 'request' }],
    killedBy: { file: limitsTest, test: 'an answer that nobody bounded is bounded where a budget applies, and only there' },
  },
  {
    name: 'budgets: a corrupt table empties the prices',
    edits: [
      {
        file: 'src/compose/price-table.ts',
        find: '      const [first] = read.failure;\n',
        replace: '      book.replace([], prices.cap);\n      const [first] = read.failure;\n',
      },
    ],
    killedBy: {
      file: 'src/compose/price-table.test.ts',
      test: 'a table that changes is read again by itself; a corrupt, empty or missing one changes nothing, and is told of loudly',
    },
  },
  {
    name: 'budgets: what a dead process held is free at once',
    edits: [
      {
        file: arbiter,
        find: 'this.#with((book, at) => book.left(run, at));',
        replace: 'this.#with((book) => book.closed(run));',
      },
    ],
    killedBy: { file: arbiterTest, test: deadTest },
  },
  {
    name: 'budgets: without the first process everybody is let through',
    edits: [
      {
        file: 'src/budget/leases/slice-keeper.ts',
        find: '    if (this.#isLost) return failure(unavailable);\n',
        replace: '',
      },
    ],
    killedBy: {
      file: arbiterTest,
      test: 'without the first process, or without its answer, what needs it is refused, and what comes too late is given back',
    },
  },
  {
    name: 'leases: what is lent does not count',
    edits: [{ file: 'src/budget/leases/lent-meter.ts', find: '    this.meter.reserve(amount);\n', replace: '' }],
    killedBy: leaseWorlds,
  },
  {
    name: 'leases: a stock that others have refuses a request',
    edits: [{ file: 'src/budget/leases/lease-book.ts', find: 'if (!isFinal(fault) && this.#waitsFor(guard, need, at)) return false;', replace: '' }],
    killedBy: leaseWorlds,
  },
  {
    name: 'leases: a stock is kept after it was recalled',
    edits: [{ file: 'src/budget/leases/slice.ts', find: '    if (this.#isStrict) this.giveUp();\n', replace: '' }],
    killedBy: leaseWorlds,
  },
  {
    name: 'leases: a slice of one window is used in another',
    edits: [
      {
        file: 'src/budget/leases/slice.ts',
        find: ' && wallMs >= this.#span.startMs && wallMs < this.#span.endMs;',
        replace: ';',
      },
    ],
    killedBy: {
      file: 'src/budget/leases/slice-keeper.test.ts',
      test: 'what was lent on a day that the clock is set back from is worth nothing on the day before',
    },
  },
  {
    name: 'leases: what a dead process charged and never told is forgotten',
    edits: [{ file: 'src/budget/leases/told-charges.ts', find: 'if (tokens === 0 && nanoUsd === 0) return [];', replace: 'return [];' }],
    killedBy: { file: arbiterTest, test: deadTest },
  },
];
