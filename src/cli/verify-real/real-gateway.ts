import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from '../exit-codes.ts';
import { CliProblem, usageProblem } from '../cli-problem.ts';
import { isRecord } from '../../std/is-record.ts';
import { loadConfig } from '../../config/load-config.ts';
import { runUp } from '../../main.ts';
import type { CliIo } from '../cli-io.ts';
import type { Config, ConfigInput } from '../../config/config-schema.ts';
import type { RealModels } from './real-checks.ts';

type EndpointInput = NonNullable<ConfigInput['endpoints']>[number];

export interface RealTarget {
  readonly url: string;
  readonly key: string | undefined;
  readonly model: string | undefined;
  readonly dialect: EndpointInput['dialect'];
  readonly profile: EndpointInput['profile'];
  readonly timeoutMs: number;
}

export interface RealGateway {
  readonly url: string;
  readonly models: RealModels;
  /** What the endpoint was taken for. */
  readonly endpoint: Pick<Config['endpoints'][number], 'dialect' | 'profile'>;
  readonly stop: () => Promise<void>;
}

const wrongKeyModel = 'second-source-verify-wrong-key';
const unknownModel = 'second-source-verify-no-such-model';

/**
 * The gateway itself before the real endpoint, on a free port of this machine, with a ledger in a folder that is taken
 * away again: what is proven is the path that requests take in production.
 */
export async function startRealGateway(target: RealTarget, io: CliIo): Promise<RealGateway> {
  const config = configFor(target, io);
  const [endpoint] = config.endpoints;
  if (endpoint === undefined) throw usageProblem('There is no endpoint to verify.');
  const model = target.model ?? (await firstModel(config));
  const named = (name: string, upstream: string): NonNullable<typeof endpoint.models>[number] => ({ name, upstream, price: undefined });
  // The checked endpoint is asked for a model that it lacks under a name of its own, lest the one that works be set aside.
  const real = { ...endpoint, models: [named(model, model)] };
  const lacking = { ...endpoint, id: 'unknown-model', models: [named(unknownModel, unknownModel)] };
  const wrong = { ...endpoint, id: 'wrong-key', key: 'second-source-verify-wrong-key', models: [named(wrongKeyModel, model)] };
  const started = await serve({ ...config, endpoints: [real, lacking, ...(endpoint.key === undefined ? [] : [wrong])] });
  return {
    ...started,
    endpoint,
    models: { real: model, unknown: unknownModel, wrongKey: endpoint.key === undefined ? undefined : wrongKeyModel },
  };
}

function configFor({ url, key, dialect, profile, timeoutMs }: RealTarget, io: CliIo): Config {
  const endpoint: EndpointInput = {
    id: 'real',
    url,
    ...(key === undefined ? {} : { key }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(profile === undefined ? {} : { profile }),
  };
  const loaded = loadConfig(undefined, io.env, io.readFile, { profileNames: [], overlay: { listen: { port: 0 }, endpoints: [endpoint] } });
  if (!loaded.ok) throw usageProblem(loaded.failure.map(({ path, what, fix }) => `${path.at(-1) ?? ''} ${what}. ${fix}`).join('\n'));
  const limits = { ...loaded.value.limits, ttftTimeoutMs: timeoutMs, stallTimeoutMs: timeoutMs, attemptsPerRequest: 1 };
  return { ...loaded.value, limits };
}

async function serve(config: Config): Promise<Pick<RealGateway, 'url' | 'stop'>> {
  const directory = mkdtempSync(join(tmpdir(), 'second-source-verify-'));
  const { promise: stopped, resolve: stop } = Promise.withResolvers<'interrupt'>();
  const said: string[] = [];
  const { promise: serving, resolve: isServing } = Promise.withResolvers<string>();
  const ended = runUp(
    {
      ...config,
      ledger: { ...config.ledger, directory },
      // What a gateway of this folder keeps is not ours.
      control: { ...config.control, directory: join(directory, 'control') },
      keyStore: { ...config.keyStore, directory: join(directory, 'keys') },
    },
    { demo: false },
    { say: (line) => void said.push(line), stopped, onHangup: () => {}, serving: isServing },
  );
  const url = await Promise.race([serving, ended.then(() => undefined)]);
  const clean = (): void => rmSync(directory, { recursive: true, force: true });
  if (url === undefined) {
    clean();
    throw new CliProblem(`The gateway did not start: ${said.join(' ')}`, exitCodes.fault);
  }
  return {
    url,
    stop: async () => {
      stop('interrupt');
      await ended;
      clean();
    },
  };
}

/** What the endpoint lists first, heard through the gateway. */
async function firstModel(config: Config): Promise<string> {
  const { url, stop } = await serve(config);
  try {
    const json: unknown = await (await fetch(`${url}/v1/models`)).json();
    const list: readonly unknown[] = isRecord(json) && Array.isArray(json['data']) ? json['data'] : [];
    const [first] = list.flatMap((model) => (isRecord(model) && typeof model['id'] === 'string' ? [model['id']] : []));
    if (first !== undefined) return first;
    throw new CliProblem(
      'The endpoint does not list its models, cannot be reached or refuses the key; give --model NAME to go on.',
      exitCodes.unreachable,
    );
  } finally {
    await stop();
  }
}
