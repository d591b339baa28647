import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatConfigProblem } from './config-problem.ts';
import { readPriceTable } from './read-price-table.ts';

const read = (text: string): ReturnType<typeof readPriceTable> => readPriceTable('p.yaml', () => text);

function lines(text: string): readonly string[] {
  const table = read(text);
  return table.ok ? [] : table.failure.map(formatConfigProblem);
}

test('a table gives the prices of models, with cached input at the input price where it says nothing else', () => {
  const table = read('models:\n  - {model: m, processor: acme, inputUsdPerMtok: 1, outputUsdPerMtok: 2, reasoningUsdPerMtok: 3}\n');
  const price = { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 2, reasoningUsdPerMtok: 3 };
  expect(table).toEqual({ ok: true, value: [{ model: 'm', endpoint: undefined, processor: 'acme', price }] });
});

test('S38: what is wrong with a table is said with its own file, line and key, and none of it holds', () => {
  const good = '  - {model: m, inputUsdPerMtok: 1, outputUsdPerMtok: 2}\n';
  expect(lines(`models:\n${good}  - {model: n, inputUsdPerMtok: -1, outputUsdPerMtok: x}\n`)).toEqual([
    'p.yaml:3:33: models[1].inputUsdPerMtok: is less than 0. Give a number from 0 to 10000.',
    'p.yaml:3:55: models[1].outputUsdPerMtok: is text, which cannot stand here. Give a number from 0 to 10000.',
  ]);
  expect(lines(`models:\n${good}${good}`)).toEqual(['p.yaml:3:13: models[1].model: models[0] is a price of the same. Keep the one that holds.']);
  expect(lines(`models:\n  - {model: m, inputUsdPerMTok: 1, outputUsdPerMtok: 2}\n`)).toEqual([
    'p.yaml:2:5: models[0].inputUsdPerMtok: is missing. Add it. US dollars per million input tokens.',
    'p.yaml:2:16: models[0].inputUsdPerMTok: there is no such key here. Did you mean `inputUsdPerMtok`?',
  ]);
  expect(lines('')).toEqual(['p.yaml: is empty. Give a list `models`, which may be empty: `models: []`.']);
});

test('S38: no text, however strange, makes it throw or gives a price that is not a number of dollars', () => {
  const piece = fc.constantFrom(
    'models:',
    '\n',
    '  - ',
    '{',
    '}',
    '[',
    ']',
    'model: m',
    'inputUsdPerMtok: 1',
    'outputUsdPerMtok: .nan',
    '-1',
    ', ',
    ': ',
    '"',
    '\t',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const table = read(pieces.join(''));
      if (table.ok) for (const { price } of table.value) expect(price.inputUsdPerMtok).toBeGreaterThanOrEqual(0);
      else expect(table.failure.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
