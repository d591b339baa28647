import { cpus } from 'node:os';
import { contextTokens } from './engine-recipes.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { modelFiles, modelName } from './engine-folder.ts';
import { startConfigured, type Configured } from './start-configured.ts';
import { weightsIdentity } from '../../src/compose/weights-identity.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';
import type { EngineProcess } from './engine-process.ts';

/** An engine as the gateway sees it: through a proxy that can break its answers. */
export interface Member {
  readonly engine: EngineProcess;
  readonly proxy: CuttingProxy;
}

export interface VerifiedFleet {
  readonly product: Configured['product'];
  readonly members: ReadonlyMap<string, Member>;
  readonly member: (id: string) => Member;
  /** Plugs every engine in again, which forgives what was done to it. */
  readonly forgive: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts the product itself over the engines, configured as a user would. */
export async function startVerifiedFleet(engines: readonly EngineProcess[]): Promise<VerifiedFleet> {
  const members = new Map<string, Member>();
  for (const engine of engines) members.set(engine.id, { engine, proxy: await CuttingProxy.start(engine.port) });
  // Every form is made from this file. That the Q8_0 one counts as the same weights too is what an operator could
  // declare, so that it may be measured what such a declaration costs.
  const weights = await weightsIdentity(modelFiles.master);
  const endpoints = [...members.values()].map((member) => endpointOf(member, weights));
  const { product, stop } = await startConfigured(endpoints);
  return {
    product,
    members,
    member: (id) => {
      const found = members.get(id);
      if (found === undefined) throw new Error(`no engine is named ${id}`);
      return found;
    },
    forgive: async () => {
      for (const id of members.keys()) await product.control(`/control/v1/endpoints/${id}/plug`);
    },
    stop: async () => {
      await stop();
      for (const { proxy } of members.values()) await proxy.stop();
    },
  };
}

function endpointOf({ engine, proxy }: Member, weights: string): NonNullable<ConfigInput['endpoints']>[number] {
  const chip = cpus()[0]?.model.replaceAll(/[^\x20-\x7e]/g, '') ?? 'CPU';
  const vendor = /amd/i.test(chip) ? 'amd' : /intel/i.test(chip) ? 'intel' : 'unknown';
  return {
    id: engine.id,
    url: proxy.origin,
    silicon: { vendor, chip },
    failureDomains: [engine.id],
    tokenIds: true,
    // How it continues and what it understands is its profile's; the ids of llama.cpp's server come by raw completions.
    profile: engine.recipe.profile,
    models: [{ name: modelName, weights, engineBuild: engine.recipe.version, contextTokens }],
  };
}
