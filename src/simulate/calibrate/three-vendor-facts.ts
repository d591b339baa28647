/** What one pool did alone at one rate. Times in milliseconds. */
export interface PoolStage {
  readonly requests: number;
  /** As achieved by the load generator. */
  readonly perSecond: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly ttftMeanMs: number;
  readonly tpotMeanMs: number;
  readonly totalMeanMs: number;
}

export interface PoolFacts {
  readonly pool: 'nvidia' | 'amd' | 'intel';
  readonly chip: string;
  readonly replicas: number;
  readonly stages: readonly PoolStage[];
}

const stage = (
  requests: number,
  perSecond: number,
  promptTokens: number,
  outputTokens: number,
  ttftMeanMs: number,
  tpotMeanMs: number,
  totalMeanMs: number,
): PoolStage => ({ requests, perSecond, promptTokens, outputTokens, ttftMeanMs, tpotMeanMs, totalMeanMs });

/**
 * Facts (figures, not a copy of a file) of runs that others measured in 2026, one model on each of three pools:
 * praveingk/llmd-benchmarking-nxtgen on GitHub; 150 system prompts with 5 users each, Poisson arrivals after a warm-up.
 * Runs with failed requests are left out. Another NVIDIA run of theirs disagrees 3.4-fold: take its level as uncertain.
 */
export const threeVendorFacts: readonly PoolFacts[] = [
  {
    pool: 'nvidia',
    chip: 'H100 NVL',
    replicas: 4,
    stages: [
      stage(60, 3.16, 7550, 991, 297, 13.6, 13_949),
      stage(200, 8.95, 7547, 1183, 646, 33.8, 34_497),
      stage(300, 16.19, 7546, 1119, 4217, 45.5, 49_713),
      stage(600, 20.07, 7545, 1069, 30_858, 54.9, 85_754),
      stage(750, 24.62, 7545, 1065, 44_811, 60.2, 105_050),
      stage(900, 31.46, 7545, 1094, 63_412, 60.3, 123_732),
      stage(1200, 39.48, 7545, 1068, 93_314, 61.1, 154_474),
    ],
  },
  {
    pool: 'amd',
    chip: 'MI325X',
    replicas: 8,
    stages: [
      stage(60, 3.33, 7549, 995, 107, 8.1, 8238),
      stage(200, 8.9, 7547, 1032, 197, 11.6, 11_817),
      stage(300, 13.7, 7547, 1044, 386, 14.5, 14_908),
      stage(500, 19.98, 7546, 1039, 474, 20.8, 21_343),
      stage(750, 29.64, 7546, 1054, 689, 29.3, 30_024),
      stage(1000, 40.12, 7547, 1054, 809, 40.8, 41_596),
      stage(1250, 52.5, 7546, 1048, 928, 50.6, 51_578),
      stage(1500, 58.53, 7546, 1054, 1258, 57, 58_262),
    ],
  },
  {
    pool: 'intel',
    chip: 'Gaudi 3',
    replicas: 8,
    stages: [
      stage(90, 3.02, 7543, 1000, 159, 15.4, 15_547),
      stage(240, 8.28, 7543, 997, 585, 36.5, 37_076),
      stage(500, 9.14, 7543, 997, 1205, 75.8, 77_061),
      stage(450, 15.46, 7543, 997, 1065, 75.9, 76_947),
      stage(750, 23.76, 7544, 998, 1488, 127.7, 129_184),
      stage(1500, 46.98, 7544, 998, 2781, 258.6, 261_405),
    ],
  },
];
