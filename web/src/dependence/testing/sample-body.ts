/** The body of a small report, as JSON brings it. */
export function sampleBody() {
  return {
    asOfWallMs: 3_000,
    windowMs: 3_600_000,
    sentence: 'NVIDIA made 70 % of the tokens.',
    shares: [
      { vendor: 'amd', controlGroup: 'amd', share: 0.3, tokens: 300, requests: 3, usd: null, evidence: { declared: 300 } },
      { vendor: 'nvidia', controlGroup: 'nvidia', share: 0.7, tokens: 700, requests: 7, usd: 12.5, evidence: { declared: 100, measured: 600 } },
    ],
    emulatedTokens: 40,
    concentration: { vendor: 0.58, controlGroup: null },
    caps: [
      {
        group: { by: 'vendor', name: 'nvidia' },
        measure: 'tokens',
        kind: 'hard',
        most: 0.6,
        windowMs: 3_600_000,
        share: 0.59,
        state: 'binding',
        displaced: { requests: 3, tokens: 900, extraUsd: null },
      },
    ],
    overTime: {
      bucketMs: 1_000,
      points: [
        { atWallMs: 2_000, tokens: { nvidia: 100, amd: 100 } },
        { atWallMs: 1_000, tokens: { nvidia: 600, amd: 200 } },
      ],
    },
    outages: [
      {
        model: 'chat',
        sloClass: 'interactive',
        lost: { by: 'vendor', name: 'nvidia' },
        atLeast: 0,
        peakTokensPerSecond: 80,
        leftOut: [
          { endpointId: 'a', why: 'its silicon is unknown' },
          { endpointId: 'b', why: 'parity is not proven' },
          { endpointId: 'c', why: 'its silicon is unknown' },
        ],
      },
    ],
    withoutSecondSource: ['chat'],
  };
}
