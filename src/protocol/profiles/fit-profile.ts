import { probeSigns, type ProbeResult, type ProbeSigns } from './probe-signs.ts';

/** What a probe saw: how its questions were taken, and every answer as text, head first. */
export interface Probed {
  readonly findings: readonly { readonly name: string; readonly result: string }[];
  readonly answers: readonly string[];
}

export interface FittingProfile {
  readonly profile: string;
  /** The endpoint's own words that speak for it. */
  readonly marks: readonly string[];
  readonly agrees: readonly string[];
  readonly contradicts: readonly { readonly name: string; readonly expected: ProbeResult; readonly found: string }[];
}

/** A mark says more than any one finding: engines behave alike, but none signs with another's name. */
const markWeight = 10;
const contradictionWeight = 2;
const markCharacters = 80;
/** Without a mark, so many findings must agree, and none may contradict. */
const agreementsWithoutMark = 12;

/** The profiles that fit what was seen, best first; empty where the endpoint shows no sign of any. */
export function fittingProfiles(probed: Probed): readonly FittingProfile[] {
  return probeSigns
    .map((signs) => fit(signs, probed))
    .filter(({ marks, agrees, contradicts }) => marks.length > 0 || (contradicts.length === 0 && agrees.length >= agreementsWithoutMark))
    .toSorted((a, b) => score(b) - score(a));
}

function score({ marks, agrees, contradicts }: FittingProfile): number {
  return marks.length * markWeight + agrees.length - contradicts.length * contradictionWeight;
}

function fit({ profile, marks, findings }: ProbeSigns, probed: Probed): FittingProfile {
  const known = probed.findings.filter(({ name, result }) => Object.hasOwn(findings, name) && result !== 'failed');
  return {
    profile,
    marks: marks.flatMap((mark) => firstMatch(mark, probed.answers)),
    agrees: known.filter(({ name, result }) => findings[name] === result).map(({ name }) => name),
    contradicts: known.flatMap(({ name, result }) => {
      const expected = findings[name];
      return expected === undefined || expected === result ? [] : [{ name, expected, found: result }];
    }),
  };
}

function firstMatch(mark: RegExp, answers: readonly string[]): readonly string[] {
  for (const answer of answers) {
    const found = mark.exec(answer);
    if (found !== null) return [found[0].trim().slice(0, markCharacters)];
  }
  return [];
}
