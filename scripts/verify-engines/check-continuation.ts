import { askGateway, type TimedAnswer } from './ask-gateway.ts';
import { prompts } from './prompts.ts';
import { percentile } from './percentile.ts';
import { seededRandom, type Random } from '../../src/std/random.ts';
import type { Finding } from './finding.ts';
import type { VerifiedFleet } from './verified-fleet.ts';

export interface Direction {
  readonly from: string;
  readonly to: string;
  /** Whether both compute in f32 all the way, so that equality is promised and not only measured. */
  readonly exact: boolean;
}

/** One answer that was cut and, it is hoped, continued. */
interface Case {
  readonly continued: boolean;
  readonly equal: boolean;
  readonly prefixExact: boolean;
  /** The tier by which the gateway says that it went on. */
  readonly how: string;
  /** The first piece after the seam, nearly always one token, that differs, counted from 1. */
  readonly divergedAt: number | undefined;
}

const maxTokens = 160;
/** Shorter answers have no middle to be cut in. */
const leastPieces = 6;
const equalShare = 0.98;

/** Cuts answers of one engine at a seeded token and lets the gateway continue them on another. */
export async function checkContinuation(
  fleet: VerifiedFleet,
  directions: readonly Direction[],
  { answers, seed }: { readonly answers: number; readonly seed: number },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const uncut = new UncutAnswers(fleet);
  for (const direction of directions) {
    const random = seededRandom(seed);
    const cases: Case[] = [];
    for (const prompt of prompts) {
      if (cases.length === answers) break;
      const whole = await uncut.of(direction.from, prompt);
      if (whole.pieces.length >= leastPieces) cases.push(await cutAndContinue(fleet, direction, prompt, whole, random));
    }
    findings.push(judge(direction, cases));
    console.log(`  ${findings.at(-1)?.subject}: ${findings.at(-1)?.what}`);
  }
  return findings;
}

/** What each engine says when nobody disturbs it, asked once. */
class UncutAnswers {
  readonly #fleet: VerifiedFleet;
  readonly #known = new Map<string, Promise<TimedAnswer>>();

  constructor(fleet: VerifiedFleet) {
    this.#fleet = fleet;
  }

  of(id: string, prompt: string): Promise<TimedAnswer> {
    const key = `${id} ${prompt}`;
    const known = this.#known.get(key) ?? askGateway(this.#fleet.product.url, { prompt, maxTokens, endpoints: [id] });
    this.#known.set(key, known);
    return known;
  }
}

async function cutAndContinue(fleet: VerifiedFleet, { from, to }: Direction, prompt: string, whole: TimedAnswer, random: Random): Promise<Case> {
  const passed = 1 + Math.floor(random() * (whole.pieces.length - 2));
  await fleet.forgive();
  const { proxy } = fleet.member(from);
  // The first event names the role and has no text.
  void proxy.cutAfter(1 + passed, random() < 0.5 ? 'fin' : 'rst');
  const answer = await askGateway(fleet.product.url, { prompt, maxTokens, endpoints: [from, to] });
  proxy.disarm();
  const handedOver = answer.segments[0]?.characters ?? answer.text.length;
  return {
    continued: answer.done && answer.segments.map(({ endpoint }) => endpoint).join() === `${from},${to}`,
    equal: answer.done && answer.text === whole.text,
    prefixExact: whole.text.startsWith([...answer.text].slice(0, handedOver).join('')),
    how: answer.segments[1]?.continued_by ?? 'nothing',
    divergedAt: divergence(whole, answer.text, handedOver),
  };
}

/** Counts pieces of the uncut answer from the seam, which a reset may put before the cut: it discards what was not read yet. */
function divergence(whole: TimedAnswer, text: string, handedOver: number): number | undefined {
  if (text === whole.text) return undefined;
  let at = 0;
  let characters = 0;
  let afterSeam = 0;
  for (const piece of whole.pieces) {
    if (characters >= handedOver) afterSeam += 1;
    if (text.slice(at, at + piece.length) !== piece) return Math.max(1, afterSeam);
    at += piece.length;
    characters += [...piece].length;
  }
  return afterSeam + 1;
}

function judge({ from, to, exact }: Direction, cases: readonly Case[]): Finding {
  const continued = cases.filter((one) => one.continued);
  const equal = continued.filter((one) => one.equal);
  const prefixes = continued.filter(({ prefixExact }) => prefixExact).length;
  const diverged = continued.flatMap(({ divergedAt }) => divergedAt ?? []);
  const how = [...new Set(continued.map((one) => one.how))].join(' and ') || 'nothing';
  const where =
    diverged.length === 0 ? '' : `; the others differ from piece ${percentile(diverged, 0.5)} after the seam (median; ${diverged.join(', ')})`;
  const kept = equal.length >= Math.ceil(equalShare * cases.length) && prefixes === cases.length;
  return {
    check: 'continuation',
    subject: `${from} → ${to}`,
    result: exact ? (kept ? 'held' : 'missed') : prefixes === continued.length ? 'measured' : 'missed',
    what: `${equal.length} of ${cases.length} equal to the uncut answer, ${continued.length} continued, by ${how}; prefix exact in ${prefixes}${where}`,
  };
}
