import { basename } from 'node:path';
import { endpointAddress } from './endpoint-address.ts';
import { hostReach } from './host-reach.ts';
import { isReplicaId } from '../fleet/replica.ts';
import { knownHost } from '../fleet/known-hosts.ts';
import { localTenant } from '../access/caller.ts';
import { nearestName } from '../std/nearest-name.ts';
import { checkDiscovery } from './check-discovery.ts';
import { resolveControl, resolveTls } from './resolve-control.ts';
import { readSecret } from './read-secret.ts';
import { resolveNetwork, resolveReach, type Network } from './resolve-reach.ts';
import { resolveBudgets } from './resolve-budgets.ts';
import { resolvePrices } from './resolve-prices.ts';
import { resolveRouting } from './resolve-routing.ts';
import { resolvePrice } from './resolve-price.ts';
import { resolveCaps, resolveSilicon } from './resolve-shares.ts';
import { resolveWebhooks } from './resolve-webhooks.ts';
import { resolveKeyStore, resolveTeams } from './resolve-teams.ts';
import { resolveListenKeys } from './resolve-listen-keys.ts';
import { take, type Report } from './report.ts';
import { bareBasePath, resolveProfile } from './resolve-profile.ts';
import { unknownSilicon, type Silicon } from '../fleet/silicon.ts';
import type { Config, ConfigFile, EndpointConfig } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { EndpointKey } from '../fleet/endpoint-key.ts';
import type { KeyPath } from './config-problem.ts';

/** Reads secrets, resolves addresses and paths, and checks what no single value shows. Reports all that is wrong. */
export function resolveConfig(file: ConfigFile, around: ConfigSurroundings, report: Report): Config {
  checkIds(file, report);
  checkEmulators(file, around.profileNames, report);
  checkTimes(file.limits, report);
  checkHealth(file.health, report);
  checkRetention(file.ledger, report);
  checkShares(file, report);
  const network = resolveNetwork(file.network, around, report);
  return {
    ...file,
    control: resolveControl(file, around, report),
    teams: resolveTeams(file.teams, report),
    keyStore: resolveKeyStore(file, around, report),
    listen: resolveListen(file, around, report),
    endpoints: file.endpoints.flatMap((entry, index) => resolveEndpoint(entry, ['endpoints', index], network, around, report) ?? []),
    engines: file.engines.map((entry, index) => ({
      ...entry,
      model: around.resolvePath(entry.model),
      name: entry.name ?? basename(entry.model).replace(/\.gguf$/i, ''),
      price: resolvePrice(entry.price, ['engines', index, 'price'], report),
    })),
    responses: { provenance: file.responses.provenance ?? (file.responses.provenanceHeaders ? 'full' : 'body') },
    budgets: resolveBudgets(file.budgets, [localTenant, ...file.teams.map(({ id }) => id)], report),
    routing: resolveRouting(file, [localTenant, ...file.teams.map(({ id }) => id)], around, report),
    prices: resolvePrices(file.prices, around, report),
    ...resolveSilicon(file, report),
    caps: resolveCaps(file, report),
    webhooks: resolveWebhooks(file, around, report),
    ledger: { ...file.ledger, directory: around.resolvePath(file.ledger.directory) },
  };
}

function resolveListen({ listen, teams }: ConfigFile, around: ConfigSurroundings, report: Report): Config['listen'] {
  const bare = listen.host.replace(/^\[(.*)\]$/, '$1');
  if (hostReach(bare) !== 'loopback') {
    const missing = [
      ...(listen.publicAccess ? [] : ['`publicAccess: true`']),
      ...(listen.keys.length > 0 || teams.length > 0 ? [] : ['at least one key in `keys`']),
    ];
    if (missing.length > 0)
      report(['listen', 'host'], {
        what: 'other machines could reach this address',
        fix: `Add ${missing.join(' and ')} to \`listen\`, or listen on 127.0.0.1.`,
      });
  }
  const keys = resolveListenKeys(listen.keys, around, report);
  const tls = resolveTls('listen', listen.tls, around, report);
  return { ...listen, host: bare, keys, ...(tls === undefined ? {} : { tls }) };
}

function resolveEndpoint(
  entry: ConfigFile['endpoints'][number],
  path: KeyPath,
  network: Network,
  around: ConfigSurroundings,
  report: Report,
): EndpointConfig | undefined {
  const { url, key: reference, keys: references, silicon, models, tls: _tls, proxy: _proxy, proxyCredentials: _credentials, ...rest } = entry;
  checkModels(models ?? [], path, report);
  // Pods have private addresses, and the cluster's own word for them is trusted unless the file says otherwise.
  const allowPrivate = entry.allowPrivate ?? (entry.discover?.kubernetes === undefined ? undefined : true);
  const resolved = take(endpointAddress(url, allowPrivate, bareBasePath(entry)), [...path, 'url'], report);
  const key = reference === undefined ? undefined : take(readSecret(reference, around), [...path, 'key'], report);
  const keys = resolveKeys(references, reference !== undefined, path, around, report);
  checkDiscovery(entry, path, report);
  checkGauges(entry.gauges, path, report);
  if (resolved === undefined) return undefined;
  const known = knownHost(resolved.hostname);
  const profile = take(resolveProfile(entry, resolved, known), [...path, 'dialect'], report);
  if (profile === undefined) return undefined;
  return {
    ...rest,
    ...profile,
    address: resolved.address,
    allowPrivate: resolved.allowPrivate,
    key,
    keys,
    reach: resolveReach(entry, new URL(resolved.address.origin), path, network, around, report),
    processor: entry.processor ?? known?.processor,
    silicon: siliconOf(silicon, known?.silicon),
    models: models?.map((model, index) => ({ ...model, price: resolvePrice(model.price, [...path, 'models', index, 'price'], report) })),
    price: resolvePrice(entry.price, [...path, 'price'], report),
  };
}

function checkGauges(given: ConfigFile['endpoints'][number]['gauges'], path: KeyPath, report: Report): void {
  if (given === undefined || given === false || (given.startsWith('/') && !given.startsWith('//'))) return;
  const resolved = endpointAddress(given, true);
  if (!resolved.ok) report([...path, 'gauges'], { what: resolved.failure.what, fix: 'Give a path on its host, such as `/metrics`, or a whole URL.' });
}

function resolveKeys(
  given: ConfigFile['endpoints'][number]['keys'],
  hasOne: boolean,
  path: KeyPath,
  around: ConfigSurroundings,
  report: Report,
): readonly EndpointKey[] {
  if (given !== undefined && hasOne) report([...path, 'key'], { what: 'stands beside `keys`', fix: 'Move it to `keys`, or remove one of the two.' });
  return (given ?? []).flatMap((entry, index) => {
    const first = given?.findIndex(({ name }) => name === entry.name);
    if (first !== index)
      report([...path, 'keys', index, 'name'], { what: `keys[${first}] has the same name`, fix: 'Give each key a name of its own.' });
    const key = take(readSecret(entry.key, around), [...path, 'keys', index, 'key'], report);
    return key === undefined ? [] : [{ ...entry, key }];
  });
}

function siliconOf(declared: ConfigFile['endpoints'][number]['silicon'], known: Pick<Silicon, 'vendor' | 'chip'> | undefined): Silicon {
  if (declared !== undefined) return { ...declared, evidence: 'declared' };
  return known === undefined ? unknownSilicon : { ...known, evidence: 'inferred' };
}

/** Endpoints, engines and emulators share one space of names: each is an endpoint to everybody else. */
function checkIds(file: ConfigFile, report: Report): void {
  const seen = new Map<string, string>();
  for (const section of ['endpoints', 'engines', 'emulators'] as const) {
    for (const [index, { id }] of file[section].entries()) {
      const first = seen.get(id);
      if (first === undefined) seen.set(id, `${section}[${index}]`);
      else report([section, index, 'id'], { what: `${first} has the same id`, fix: 'Give each endpoint, engine and emulator an id of its own.' });
      const owner = file.endpoints.find((endpoint) => endpoint.discover !== undefined && isReplicaId(id, endpoint.id));
      if (owner !== undefined)
        report([section, index, 'id'], { what: `is what a replica of \`${owner.id}\` could be called`, fix: 'Give another id.' });
    }
  }
}

function checkModels(models: NonNullable<ConfigFile['endpoints'][number]['models']>, path: KeyPath, report: Report): void {
  for (const [index, model] of models.entries()) {
    const first = models.findIndex(({ name }) => name === model.name);
    if (first === index) continue;
    const twoPrices = models[first]?.price !== undefined && model.price !== undefined;
    report([...path, 'models', index, 'name'], {
      what: `models[${first}] has the same name${twoPrices ? ', and each gives a price' : ''}`,
      fix: twoPrices ? 'Keep one entry with the price that holds.' : 'Keep one of the two, or give them different names.',
    });
  }
}

function checkEmulators(file: ConfigFile, profileNames: readonly string[], report: Report): void {
  const engineIds = file.engines.map(({ id }) => id);
  for (const [index, { engine, profile }] of file.emulators.entries()) {
    if (!engineIds.includes(engine))
      report(['emulators', index, 'engine'], {
        what: 'no engine has this id',
        fix: suggestion(engine, engineIds, 'Add an engine under `engines` and give its id.'),
      });
    if (!profileNames.includes(profile))
      report(['emulators', index, 'profile'], { what: 'there is no such profile', fix: suggestion(profile, profileNames, 'No profile is known.') });
  }
}

function suggestion(given: string, names: readonly string[], withoutNames: string): string {
  const near = nearestName(given, names);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  return names.length === 0 ? withoutNames : `Give one of ${names.join(', ')}.`;
}

/** A limit that can never be reached, because another ends the request first, is a mistake rather than a wish. */
function checkTimes(limits: ConfigFile['limits'], report: Report): void {
  for (const name of ['connectTimeoutMs', 'ttftTimeoutMs', 'stallTimeoutMs'] as const) {
    if (limits[name] > limits.totalTimeoutMs)
      report(['limits', name], { what: `is longer than totalTimeoutMs (${limits.totalTimeoutMs})`, fix: 'Lower it, or raise totalTimeoutMs.' });
  }
  if (limits.lineBytes > limits.eventBytes)
    report(['limits', 'lineBytes'], {
      what: `is more than eventBytes (${limits.eventBytes}), which holds whole lines`,
      fix: 'Lower it, or raise eventBytes.',
    });
}

function checkHealth(health: ConfigFile['health'], report: Report): void {
  for (const [first, longest] of [
    ['ejectionMs', 'longestEjectionMs'],
    ['setAsideMs', 'longestSetAsideMs'],
  ] as const) {
    if (health[first] > health[longest])
      report(['health', first], { what: `is longer than ${longest} (${health[longest]})`, fix: `Lower it, or raise ${longest}.` });
  }
}

function checkRetention({ retentionDays, chargeRetentionDays }: ConfigFile['ledger'], report: Report): void {
  if (chargeRetentionDays < retentionDays)
    report(['ledger', 'chargeRetentionDays'], {
      what: `is less than ledger.retentionDays (${retentionDays})`,
      fix: 'Give at least as many days: what an attempt cost is compared with its charge.',
    });
}

/** Declared limits of keys are divided among the processes, and none can have less than one. */
function checkShares({ processes, endpoints }: ConfigFile, report: Report): void {
  for (const [index, { keys }] of endpoints.entries()) {
    for (const [place, key] of (keys ?? []).entries()) {
      for (const name of ['requestsPerMinute', 'requestsPerDay', 'tokensPerMinute'] as const) {
        const limit = key[name];
        if (limit === undefined || limit >= processes) continue;
        const fix = 'Lower `processes`, or raise the limit.';
        report(['endpoints', index, 'keys', place, name], { what: `cannot be divided among ${processes} processes`, fix });
      }
    }
  }
}
