import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isRegularExpressionLiteral } from 'typescript/unstable/ast/is';
import { everyNode, lineOf, withSourceTrees } from '../../scripts/syntax-trees.ts';

interface FoundPattern {
  readonly where: string;
  readonly pattern: RegExp;
}

interface Attack {
  readonly prefix: string;
  readonly pump: string;
}

/** Long enough that a square shows: eight times the text costs a linear pattern eight times, a quadratic one 64 times. */
const [shorter, longer] = [4096, 8 * 4096] as const;
/** Between the two, with room for what else the machine does. */
const mostGrowth = 24;
/** What is found this fast at the longer text needs no second look: below it, clocks tell growth from nothing. */
const tooFastToTellMs = 2;

/** Every pattern that stands in the product's source. None is built from text: `scripts/check-code-from-text.ts` sees to it. */
function patternsOfSource(): readonly FoundPattern[] {
  const found = withSourceTrees(fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''), 'src/', ({ path, file }) => {
    const here: FoundPattern[] = [];
    everyNode(file, (node) => {
      if (!isRegularExpressionLiteral(node)) return;
      const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.getText(file)) ?? [];
      here.push({ where: `${path}:${lineOf(file, node)}`, pattern: new RegExp(source, flags.replaceAll(/[gy]/g, '')) });
    });
    return here;
  });
  return [...new Map(found.map((one) => [String(one.pattern), one])).values()];
}

/** Characters that the pattern speaks of, a few of each class that it names, and some that it does not. */
function alphabetOf(source: string): readonly string[] {
  const classes: readonly (readonly [RegExp, string])[] = [
    [/\\s/, ' \t\n'],
    [/\\d|0-9/, '19'],
    [/\\w|\\S|\\b|a-z|A-Z|\[\^|\./, 'aZ_'],
  ];
  const named = classes.filter(([sign]) => sign.test(source)).map(([, characters]) => characters);
  const literal = source.replaceAll(/\\[a-zA-Z]|\\[ux][0-9a-fA-F{}]+|[\\^$*+?()[\]{}|]/g, '');
  return [...new Set(`${named.join('')}${literal}\n"/-`)].slice(0, 16);
}

function* attacksOn(source: string): Generator<Attack> {
  const alphabet = alphabetOf(source);
  const prefixes = ['', ...(source.match(/[A-Za-z"':/. -]{2,}/g) ?? []).slice(0, 3)];
  for (const prefix of prefixes)
    for (const one of alphabet) {
      yield { prefix, pump: one };
      for (const other of alphabet) if (other !== one) yield { prefix, pump: one + other };
    }
}

function textOf({ prefix, pump }: Attack, length: number): string {
  return `${prefix}${pump.repeat(Math.ceil(length / pump.length))}\0`;
}

function msOf(pattern: RegExp, text: string, times: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run += 1) {
    const before = performance.now();
    pattern.test(text);
    least = Math.min(least, performance.now() - before);
  }
  return least;
}

/** Texts so short that nothing honest takes this long over them: whatever does grows by powers, and must see no longer one. */
const shortTexts = [20, 128] as const;

/** The attack that the pattern takes longest over, if it takes so long that its growth can be told. */
function worstAttack(pattern: RegExp): Attack | 'powers' | undefined {
  let worst: { readonly attack: Attack; readonly ms: number } | undefined;
  for (const attack of attacksOn(pattern.source)) {
    if (
      shortTexts.some(
        (length) => msOf(pattern, textOf(attack, length), 1) > tooFastToTellMs && msOf(pattern, textOf(attack, length), 3) > tooFastToTellMs,
      )
    )
      return 'powers';
    const ms = msOf(pattern, textOf(attack, 1024), 1);
    if (ms > (worst?.ms ?? 0.05)) worst = { attack, ms };
  }
  return worst?.attack;
}

function growthOf(pattern: RegExp): number {
  const attack = worstAttack(pattern);
  if (attack === undefined) return 1;
  if (attack === 'powers') return Number.POSITIVE_INFINITY;
  const atLonger = msOf(pattern, textOf(attack, longer), 3);
  return atLonger < tooFastToTellMs ? 1 : atLonger / msOf(pattern, textOf(attack, shorter), 5);
}

test('S19: no pattern of the source costs more than its text is long, whatever text is made against it', { timeout: 120_000 }, () => {
  const patterns = patternsOfSource();
  expect(patterns.length).toBeGreaterThan(100);
  const slow = patterns.flatMap(({ where, pattern }) => {
    const growth = growthOf(pattern);
    return growth > mostGrowth ? [`${where}: ${String(pattern)} grows by ${growth.toFixed(0)}`] : [];
  });
  expect(slow).toEqual([]);
});

test.each(['(a+)+$', '^(a|a)*b', '\\n\\s+at ', '(\\d+)x', '[a-z]+\\.com'])('S19: a pattern like %s is caught', (source) => {
  expect(growthOf(new RegExp(source))).toBeGreaterThan(mostGrowth);
});
