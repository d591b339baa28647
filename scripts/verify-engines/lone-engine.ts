import { allSdks } from '../../test/sdk/all-sdks.ts';
import { modelName } from './engine-folder.ts';
import { profileNamed } from '../../src/protocol/profiles/profile-named.ts';
import { startConfigured } from './start-configured.ts';
import type { EngineProcess } from './engine-process.ts';
import type { Profile } from '../../src/protocol/profiles/profile.ts';
import type { Sdk, SdkClient } from '../../test/sdk/sdk-client.ts';

/** One engine behind the product, which takes it for what the doctor found. */
export interface LoneEngine {
  readonly engine: EngineProcess;
  readonly url: string;
  readonly profile: Profile;
  readonly clients: readonly (Pick<Sdk, 'name'> & { readonly client: SdkClient })[];
  readonly stop: () => Promise<void>;
}

export async function startLoneEngine(engine: EngineProcess, found: string): Promise<LoneEngine> {
  const profile = profileNamed(found);
  const { upstreamModel } = engine.recipe;
  const { product, stop } = await startConfigured([
    // The context is not told, so that a prompt too long for it is the engine's own to refuse.
    { id: engine.id, url: engine.origin, profile: found, models: [{ name: modelName, upstream: upstreamModel }] },
  ]);
  const clients = allSdks.map(({ name, connect }) => ({ name, client: connect(product.url, 'a-key') }));
  return { engine, url: product.url, profile, clients, stop };
}
