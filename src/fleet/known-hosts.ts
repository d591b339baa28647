/** What is publicly known of an API host: who runs it, and on whose silicon where its operator says so. */
export interface KnownHost {
  readonly host: string;
  readonly processor: string;
  readonly silicon?: { readonly vendor: string; readonly chip: string };
}

/**
 * Hosts whose operator is known. Silicon stands only where one company serves its API from its own chip alone; for
 * the others it is unknown, and unknown counts against every cap (DESIGN §2).
 */
export const knownHosts: readonly KnownHost[] = [
  { host: 'api.groq.com', processor: 'groq', silicon: { vendor: 'groq', chip: 'LPU' } },
  { host: 'api.cerebras.ai', processor: 'cerebras', silicon: { vendor: 'cerebras', chip: 'WSE-3' } },
  { host: 'api.sambanova.ai', processor: 'sambanova', silicon: { vendor: 'sambanova', chip: 'SN40L' } },
  { host: 'generativelanguage.googleapis.com', processor: 'google', silicon: { vendor: 'google', chip: 'TPU' } },
  { host: 'api.openai.com', processor: 'openai' },
  { host: 'api.anthropic.com', processor: 'anthropic' },
  { host: 'api.mistral.ai', processor: 'mistral' },
  { host: 'api.deepseek.com', processor: 'deepseek' },
  { host: 'api.together.xyz', processor: 'together' },
  { host: 'api.fireworks.ai', processor: 'fireworks' },
  { host: 'openrouter.ai', processor: 'openrouter' },
];

/** Looks a host up, in lower case and without its port. */
export function knownHost(hostname: string): KnownHost | undefined {
  return knownHosts.find(({ host }) => host === hostname);
}
