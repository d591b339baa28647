/** A company whose silicon computes tokens. */
export interface VendorFacts {
  readonly id: string;
  readonly name: string;
  /** What an operator who decides on its control group should know. */
  readonly note?: string | undefined;
}

/** Makers of chips that inference runs on. Whoever uses another names it in the configuration. */
export const knownVendors: readonly VendorFacts[] = [
  { id: 'nvidia', name: 'NVIDIA' },
  { id: 'amd', name: 'AMD' },
  { id: 'intel', name: 'Intel' },
  { id: 'apple', name: 'Apple' },
  { id: 'google', name: 'Google' },
  { id: 'aws', name: 'AWS' },
  { id: 'microsoft', name: 'Microsoft' },
  { id: 'meta', name: 'Meta' },
  {
    id: 'groq',
    name: 'Groq',
    note: 'Its design is licensed to NVIDIA (December 2025): whether the two are one control group is for the operator to decide.',
  },
  { id: 'cerebras', name: 'Cerebras' },
  { id: 'sambanova', name: 'SambaNova' },
  { id: 'tenstorrent', name: 'Tenstorrent' },
  { id: 'qualcomm', name: 'Qualcomm' },
  { id: 'huawei', name: 'Huawei' },
  { id: 'ibm', name: 'IBM' },
  { id: 'arm', name: 'Arm' },
  { id: 'ampere', name: 'Ampere' },
  { id: 'furiosa', name: 'FuriosaAI' },
  { id: 'rebellions', name: 'Rebellions' },
  { id: 'd-matrix', name: 'd-Matrix' },
  { id: 'cambricon', name: 'Cambricon' },
  { id: 'moore-threads', name: 'Moore Threads' },
  { id: 'graphcore', name: 'Graphcore' },
];
