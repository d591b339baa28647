import type { Config } from '../config/config-schema.ts';

/** The name under which the demo model is served: it says what it is. */
const demoModel = 'second-source-demo';

/**
 * Adds the demo fleet: the small model that is shipped, on two engine processes that can be lost apart, and two
 * emulated vendors over them, which behave like chips that this machine does not have and are labelled so.
 */
export function demoConfig(given: Config, modelPath: string): Config {
  const engine = (id: string): Config['engines'][number] => ({
    id,
    model: modelPath,
    name: demoModel,
    gpu: false,
    sequences: 4,
    contextTokens: undefined,
    threads: 'measure',
    region: 'local',
    price: undefined,
  });
  return {
    ...given,
    engines: [...given.engines, engine('engine-a'), engine('engine-b')],
    emulators: [
      ...given.emulators,
      { id: 'emulated-groq', profile: 'groq-lpu', engine: 'engine-a', seed: 1 },
      { id: 'emulated-nvidia', profile: 'nvidia-h100', engine: 'engine-b', seed: 2 },
    ],
  };
}
