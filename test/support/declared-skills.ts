import type { DialectName } from '../simulation/outside/engine-dialect.ts';
import type { Endpoint } from '../../src/fleet/endpoint.ts';

/** What an operator would declare of an endpoint that runs such an engine. */
export function declaredSkills(dialect: DialectName): Pick<Endpoint, 'tokenIds' | 'prefill'> {
  switch (dialect) {
    case 'vllm':
    case 'raw':
      return { tokenIds: true, prefill: { form: 'continue-final-message', repeats: false } };
    case 'sglang':
      return { tokenIds: false, prefill: { form: 'continue-final-message', repeats: false } };
    case 'llama.cpp':
      return { tokenIds: false, prefill: { form: 'trailing-assistant', repeats: true } };
    case 'openai':
      return { tokenIds: false, prefill: undefined };
  }
}
