/** The limits within which an emulator counts as having held its profile. */
export const holdTolerance = {
  /** The 99th percentile of an event's lateness. */
  latenessMs: 20,
  /** The 95th percentile of (time that an answer took ÷ time that its schedule says). */
  stretch: 1.05,
  /** A first token is on time within this part of its planned time, or within 10 ms where that is more. */
  firstTokenPart: 0.1,
  firstTokenMs: 10,
  /** The part of the answers whose first token may be late. */
  lateFirstTokens: 0.05,
  /** Below these no verdict is given. */
  minAnswers: 3,
  minTokens: 100,
} as const;

/** How one emulated answer went, against its own schedule. */
export interface AnswerTiming {
  readonly tokens: number;
  readonly plannedMs: number;
  readonly tookMs: number;
  readonly plannedFirstMs: number;
  readonly tookFirstMs: number;
}

export interface HoldReport {
  readonly profileId: string;
  /** Whether this machine held the profile; `unknown` with too little traffic to say. */
  readonly held: 'yes' | 'no' | 'unknown';
  /** The verdict with its figures, for people. */
  readonly sentence: string;
  /** Answers that were paced to their end without a fault. */
  readonly answers: number;
  readonly tokens: number;
  readonly latenessMs: Percentiles | undefined;
  readonly stretchP95: number | undefined;
  readonly lateFirstTokens: number;
  /** Events that were late because the wrapped engine had not delivered them. */
  readonly lateByEngine: number;
  /** Times that a client did not take what was sent; such answers are left out from there on. */
  readonly heldUpByClient: number;
  /** Requests that the wrapped engine refused, broke off or could not be reached for. */
  readonly engineFailures: number;
}

export interface Percentiles {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const keptSamples = 4_096;

/** Measures whether an emulator keeps to its schedule. Keeps the latest 4,096 events and answers. */
export class HoldMeter {
  readonly #profileId: string;
  readonly #lateness = new LatestSamples();
  readonly #stretch = new LatestSamples();
  #answers = 0;
  #tokens = 0;
  #lateFirstTokens = 0;
  #lateByEngine = 0;
  #heldUpByClient = 0;
  #engineFailures = 0;

  constructor(profileId: string) {
    this.#profileId = profileId;
  }

  /** `engineLateMs`: how long after the due time the engine delivered the event, 0 where it was in time. */
  event(latenessMs: number, engineLateMs: number): void {
    this.#lateness.add(Math.max(0, latenessMs));
    if (engineLateMs > holdTolerance.firstTokenMs) this.#lateByEngine += 1;
  }

  clientHeldUp(): void {
    this.#heldUpByClient += 1;
  }

  engineFailed(): void {
    this.#engineFailures += 1;
  }

  answer(timing: AnswerTiming): void {
    this.#answers += 1;
    this.#tokens += timing.tokens;
    if (timing.plannedMs > 0) this.#stretch.add(timing.tookMs / timing.plannedMs);
    const allowed = timing.plannedFirstMs + Math.max(holdTolerance.firstTokenMs, timing.plannedFirstMs * holdTolerance.firstTokenPart);
    if (timing.tookFirstMs > allowed) this.#lateFirstTokens += 1;
  }

  report(): HoldReport {
    const latenessMs = this.#lateness.percentiles();
    const figures = {
      profileId: this.#profileId,
      answers: this.#answers,
      tokens: this.#tokens,
      latenessMs,
      stretchP95: this.#stretch.percentile(0.95),
      lateFirstTokens: this.#lateFirstTokens,
      lateByEngine: this.#lateByEngine,
      heldUpByClient: this.#heldUpByClient,
      engineFailures: this.#engineFailures,
    };
    return { ...figures, ...verdict(figures) };
  }
}

function verdict(figures: Omit<HoldReport, 'held' | 'sentence'>): Pick<HoldReport, 'held' | 'sentence'> {
  const { answers, tokens, latenessMs, stretchP95 } = figures;
  const seen = `${answers} answers, ${tokens} tokens`;
  const reasons: string[] = [];
  if (figures.engineFailures > 0) reasons.push(`requests that the wrapped engine failed or refused: ${figures.engineFailures}`);
  if (latenessMs !== undefined && latenessMs.p99 > holdTolerance.latenessMs) {
    reasons.push(`events were up to ${latenessMs.p99.toFixed(1)} ms late at the 99th percentile, over ${holdTolerance.latenessMs} ms`);
  }
  if (stretchP95 !== undefined && stretchP95 > holdTolerance.stretch) {
    reasons.push(`answers took ${((stretchP95 - 1) * 100).toFixed(1)} % longer than planned at the 95th percentile, over 5 %`);
  }
  if (figures.lateFirstTokens > answers * holdTolerance.lateFirstTokens) reasons.push(`late first tokens: ${figures.lateFirstTokens}`);
  const tooLittle = answers < holdTolerance.minAnswers || tokens < holdTolerance.minTokens;
  if (tooLittle && figures.engineFailures === 0) {
    return { held: 'unknown', sentence: `Too little was seen to say whether this machine holds ${figures.profileId} (${seen}).` };
  }
  if (reasons.length === 0) {
    const late = latenessMs === undefined ? '' : `, lateness p99 ${latenessMs.p99.toFixed(1)} ms over ${latenessMs.n} events`;
    return { held: 'yes', sentence: `This machine held the emulated profile ${figures.profileId} (${seen}${late}).` };
  }
  const cause =
    figures.lateByEngine > 0 ? ` The wrapped engine is slower than the profile: events that it delivered late: ${figures.lateByEngine}.` : '';
  return { held: 'no', sentence: `This machine did not hold the emulated profile ${figures.profileId} (${seen}): ${reasons.join('; ')}.${cause}` };
}

class LatestSamples {
  readonly #samples: number[] = [];
  #next = 0;

  add(sample: number): void {
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % keptSamples;
  }

  percentile(part: number): number | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
  }

  percentiles(): Percentiles | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const max = sorted.at(-1);
    if (max === undefined) return undefined;
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? max;
    return { n: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max };
  }
}
