import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { pythonProgram } from './python-package.ts';
import { success } from '../../../src/std/result.ts';
import type { Peer } from './peer.ts';

const packageVersion = '1.109.1';
/** What only its database needs; the one that it asks for is not in every mirror. */
const extrasVersion = '0.4.110';
let program = '';

/** LiteLLM's proxy with one worker: its master key, choice over 20 deployments of one model, no database. */
export const litellm: Peer = {
  name: 'litellm',
  does: 'key, choice over 20 deployments, usage in memory',
  slowness: 1000,
  bothCores: false,
  path: '/v1/chat/completions',
  headers: () => [],
  prepare: async () => {
    const installed = await pythonProgram('litellm', `litellm[proxy]==${packageVersion}`, `litellm-proxy-extras==${extrasVersion}`);
    if (!installed.ok) return installed;
    program = installed.value;
    return success(`LiteLLM ${packageVersion}, package litellm[proxy] of PyPI`);
  },
  command: ({ upstreamPorts, port, key, folder }) => {
    const file = join(folder, 'litellm.yaml');
    const configuration = {
      model_list: upstreamPorts.map((upstream) => ({
        model_name: 'm',
        litellm_params: { model: 'openai/m', api_base: `http://127.0.0.1:${upstream}/v1`, api_key: 'none' },
      })),
      general_settings: { master_key: key },
      litellm_settings: { telemetry: false, request_timeout: 600 },
    };
    // Every JSON text is YAML too.
    writeFileSync(file, JSON.stringify(configuration));
    const args = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1', '--telemetry', 'False'];
    return { program, args, env: { LITELLM_LOG: 'ERROR', LITELLM_LOCAL_MODEL_COST_MAP: 'True' }, readyTimeoutMs: 120_000 };
  },
};
