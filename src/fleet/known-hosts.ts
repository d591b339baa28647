/** What is publicly known of an API host: who runs it, and on whose silicon where its operator says so. */
export interface KnownHost {
  /** The host itself, or what it matches where each account has one of its own. */
  readonly host: string | RegExp;
  readonly processor: string;
  /** How its API speaks, by the name of the profile of quirks. */
  readonly profile?: string;
  /** The base path of a URL that gives none. */
  readonly basePath?: string;
  readonly silicon?: { readonly vendor: string; readonly chip: string };
}

/**
 * Hosts whose operator is known. Silicon stands only where one company serves its API from its own chip alone; for
 * the others it is unknown, and unknown counts against every cap (DESIGN §2).
 */
export const knownHosts: readonly KnownHost[] = [
  { host: 'api.groq.com', processor: 'groq', profile: 'groq', silicon: { vendor: 'groq', chip: 'LPU' } },
  { host: 'api.cerebras.ai', processor: 'cerebras', profile: 'cerebras', silicon: { vendor: 'cerebras', chip: 'WSE-3' } },
  { host: 'api.sambanova.ai', processor: 'sambanova', profile: 'sambanova', silicon: { vendor: 'sambanova', chip: 'SN40L' } },
  {
    host: 'generativelanguage.googleapis.com',
    processor: 'google',
    profile: 'gemini',
    basePath: '/v1beta',
    silicon: { vendor: 'google', chip: 'TPU' },
  },
  { host: 'api.openai.com', processor: 'openai', profile: 'openai' },
  { host: 'api.anthropic.com', processor: 'anthropic', profile: 'anthropic' },
  { host: 'api.mistral.ai', processor: 'mistral', profile: 'mistral' },
  { host: 'api.deepseek.com', processor: 'deepseek', profile: 'deepseek' },
  { host: 'api.together.xyz', processor: 'together', profile: 'together' },
  { host: 'api.fireworks.ai', processor: 'fireworks', profile: 'fireworks' },
  { host: 'openrouter.ai', processor: 'openrouter', profile: 'openrouter' },
  { host: /\.(?:openai|services\.ai|cognitiveservices)\.azure\.com$/, processor: 'microsoft', profile: 'azure', basePath: '/openai/v1' },
  { host: /^bedrock-runtime\.[a-z0-9-]+\.amazonaws\.com$/, processor: 'aws', profile: 'bedrock', basePath: '/openai/v1' },
  { host: /^bedrock-mantle\.[a-z0-9-]+\.api\.aws$/, processor: 'aws', profile: 'bedrock' },
];

/** Looks a host up, in lower case and without its port. */
export function knownHost(hostname: string): KnownHost | undefined {
  return knownHosts.find(({ host }) => (typeof host === 'string' ? host === hostname : host.test(hostname)));
}
