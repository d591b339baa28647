/**
 * What the gateway costs beside plain proxies and other gateways: one run, same mock upstream, same load, side by side.
 * Each gateway runs on core 0, mock and load on core 1; rounds of all take turns, and the median counts.
 * Installs what is missing (Debian packages where it runs as root, the rest into `.engines/`), prints a table, and
 * writes `docs/benchmark-gateway.md` only with `--write`. Exit code 0: every bar held; 1: it broke; 3: a bar was missed
 * or a load saw errors.
 *
 *   npm run benchmark:gateway -- [--peers=nginx,haproxy,ours] [--only=request,chunk,…] [--rounds=3] [--quick] [--first] [--write]
 *
 * `--first` puts it before what else runs on the machine (root only), where the machine is not one's own.
 */
import { cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { bifrost } from './peers/bifrost.ts';
import { envoy } from './peers/envoy.ts';
import { checkAccounting } from './check-accounting.ts';
import { formatReport } from './report.ts';
import { haproxy } from './peers/haproxy.ts';
import { judgeBars } from './bars.ts';
import { litellm } from './peers/litellm.ts';
import { again, Measurements } from './measurements.ts';
import { nginx } from './peers/nginx.ts';
import { ours, oursTwice } from './peers/ours.ts';
import { portkey } from './peers/portkey.ts';
import { runLoad, startMock, type RunningMock } from './load-core.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { raisePriority } from './raise-priority.ts';
import { startPeer, type RunningPeer } from './running-peer.ts';
import type { Outcome } from './load/job.ts';
import type { Peer } from './peers/peer.ts';

const allPeers: readonly Peer[] = [nginx, haproxy, envoy, bifrost, portkey, litellm, ours, oursTwice];
const deployments = 20;
const loadCore = 1;
const page = fileURLToPath(new URL('../../docs/benchmark-gateway.md', import.meta.url));

const options = readOptions();
const place = { core: 0, raised: options.first && raisePriority(process.pid) };
const chosenPeers = allPeers.filter(({ name }) => options.peers?.includes(name) ?? true);
const chosenScenarios = scenarios.filter(({ id }) => options.only?.includes(id) ?? true);

if (process.platform !== 'linux' || cpus().length < 2) {
  console.log('Skipped: it needs Linux, whose account of CPU it reads, and two cores, one for the gateway and one for the load.');
  process.exit(0);
}

const prepared: { peer: Peer; version: string }[] = [];
const skipped: string[] = [];
for (const peer of chosenPeers) {
  const version = await peer.prepare();
  if (version.ok) prepared.push({ peer, version: version.value });
  else skipped.push(`${peer.name}: ${version.failure}`);
}
for (const line of skipped) console.log(`Skipped: ${line}`);

const lines = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}, load ${loadavg()[0]?.toFixed(1)} at the start${place.raised ? ', put before all else' : ''}. ` +
    `Gateway on core ${place.core}, mock (${deployments} endpoints) and load on core ${loadCore}; ${options.rounds} rounds in turns${moreTurns()}; median (least–most), factor to nginx.`,
  checkAccounting(),
];
console.log(lines.join('\n'));

const measured = new Measurements();
const mock = await startMock(deployments, loadCore);
const running = new Map<string, RunningPeer>();
const stopAll = async (): Promise<void> => {
  await Promise.all([...running.values()].map((peer) => peer.stop()));
  running.clear();
  mock.stop();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopAll().then(() => process.exit(130)));

try {
  for (const { peer } of prepared) running.set(peer.name, await startPeer(peer, mock.ports, place));
  for (const scenario of chosenScenarios) {
    await settle(scenario);
    for (let round = 1; round <= options.rounds * scenario.turns; round += 1) {
      const able = prepared.filter(({ peer }) => peer.slowness <= scenario.slowestPeer);
      for (const { peer } of able) await measure(scenario, peer, mock, round, peer.name);
      if (able[0] !== undefined) await measure(scenario, able[0].peer, mock, round, again);
      if (scenario.direct) await measureDirect(scenario, mock, round);
    }
  }
  const report = formatReport({ lines, peers: prepared, skipped, scenarios: chosenScenarios }, measured);
  console.log(`\n${report}`);
  if (options.write) writeFileSync(page, `# What the gateway costs\n\n\`npm run benchmark:gateway\` wrote this page.\n\n${report}`);
  if (measured.faults.length > 0 || judgeBars(measured).some(({ result }) => result === 'missed')) process.exitCode = 3;
} catch (error) {
  console.log(`It could not be finished: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}

async function measure(scenario: Scenario, peer: Peer, { ports }: RunningMock, round: number, as: string): Promise<void> {
  if (scenario.fresh) {
    await running.get(peer.name)?.stop();
    running.set(peer.name, await startPeer(peer, ports, place));
  }
  const target = running.get(peer.name)?.target;
  if (target === undefined) return;
  // A fresh process is asked a little first: its memory at rest is that of one that has worked.
  if (scenario.fresh) await runLoad({ ...target, kind: 'requests', connections: 32, warmMs: 0, measureMs: 2000 }, loadCore);
  const outcome = await runLoad(scenario.job(target, peer.slowness, options.quick), loadCore);
  measured.add(scenario, as, outcome);
  tell(scenario, as, round, outcome);
}

/** Of which loads a round has several turns. */
function moreTurns(): string {
  const several = chosenScenarios.filter(({ turns }) => turns > 1).map(({ id, turns }) => `${turns} times as many of ${id}`);
  return several.length === 0 ? '' : ` (${several.join(', ')})`;
}

/** Lets all work as they will be asked to, so that what compiles while it runs has mostly done so before it is measured. */
async function settle(scenario: Scenario): Promise<void> {
  for (const { peer } of prepared) {
    const target = running.get(peer.name)?.target;
    if (target === undefined || peer.slowness > scenario.slowestPeer) continue;
    for (let load = 0; load < scenario.settlingLoads; load += 1) await runLoad(scenario.job(target, peer.slowness, true), loadCore);
  }
}

async function measureDirect(scenario: Scenario, { ports }: RunningMock, round: number): Promise<void> {
  const target = { port: ports[0] ?? 0, key: 'none', path: '/v1/chat/completions', headers: [], pids: [] };
  const outcome = await runLoad(scenario.job(target, 1, options.quick), loadCore);
  measured.add(scenario, 'direct', outcome);
  tell(scenario, 'direct', round, outcome);
}

/** One line as it goes, so that a person sees that it does. */
function tell(scenario: Scenario, who: string, round: number, { ownCpuMs, measuredMs, ownLateMs }: Outcome): void {
  const found = scenario.metrics.flatMap(({ id, title, unit, digits }) => {
    const last = measured.last(id, who);
    return last === undefined ? [] : [`${title} ${last.toFixed(digits)} ${unit}`.trim()];
  });
  console.log(
    `  ${scenario.id} round ${round} ${who.padEnd(8)} ${found.join(', ')}; the load took ${((100 * ownCpuMs) / measuredMs).toFixed(0)} % of its core and was ${ownLateMs.toFixed(0)} ms late at most`,
  );
}

function readOptions() {
  const text = { type: 'string' } as const;
  try {
    const flags = {
      quick: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ options: { peers: text, only: text, rounds: text, ...flags } });
    const rounds = Number(values.rounds ?? 3);
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) throw new Error('--rounds is a number from 1 to 20.');
    const peers = known(
      'peers',
      values.peers,
      allPeers.map(({ name }) => name),
    );
    const only = known(
      'only',
      values.only,
      scenarios.map(({ id }) => id),
    );
    return { peers, only, rounds, quick: values.quick, first: values.first, write: values.write };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error('It knows --peers=, --only=, --rounds=, --quick, --first and --write.');
    process.exit(2);
  }
}

function known(option: string, given: string | undefined, names: readonly string[]): readonly string[] | undefined {
  const words = given?.split(',');
  const wrong = words?.find((word) => !names.includes(word));
  if (wrong !== undefined) throw new Error(`--${option} does not know “${wrong}”; it knows ${names.join(', ')}.`);
  return words;
}
