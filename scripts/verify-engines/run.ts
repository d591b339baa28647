/**
 * Real engines of three makers hold one model and continue each other's answers through the gateway: vLLM (CPU build),
 * llama.cpp's llama-server, and our own. Installs what is missing into `.engines/`, starts everything on loopback,
 * prints a table, stops everything. Then vLLM, llama-server and `transformers serve` one after another, each behind the
 * product alone: what the doctor finds of it, and what every SDK's user has of it. Exit code 0: all held, or skipped with its reason; 1: it broke; 3: a promise was
 * missed.
 *
 *   npm run verify:engines -- [--quick] [--only=chain,continuation,failover,engine,doctor,sdks] [--picture=FILE.png]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { checkChain } from './check-chain.ts';
import { checkContinuation, type Direction } from './check-continuation.ts';
import { checkEngine } from './check-engine.ts';
import { checkFailover, type Pair } from './check-failover.ts';
import { checkPage } from './check-page.ts';
import { EngineProcess, type EngineRecipe } from './engine-process.ts';
import { formatFindings, type Finding } from './finding.ts';
import { prepareEngines } from './prepare-engines.ts';
import { startVerifiedFleet, type VerifiedFleet } from './verified-fleet.ts';
import { verifyAlone } from './verify-alone.ts';

const parts = ['chain', 'continuation', 'failover', 'engine', 'doctor', 'sdks'] as const;
const { quick, only, picture } = readOptions();
/** Any; the same seed cuts at the same tokens. */
const seed = 20_261_125;

const exact = ['vllm', 'llama-server', 'ours'];
const pairs: readonly Pair[] = exact.flatMap((from) => exact.filter((to) => to !== from).map((to) => ({ from, to })));
const directions: readonly Direction[] = [
  ...pairs.map((pair) => ({ ...pair, exact: true })),
  // At other precisions equality is not promised: it is measured how far the answers go together.
  { from: 'vllm', to: 'llama-server-f16', exact: false },
  { from: 'ours', to: 'llama-server-f16', exact: false },
  { from: 'ours', to: 'ours-q8', exact: false },
  { from: 'ours-q8', to: 'ours', exact: false },
];

const checks: Readonly<Record<Exclude<Finding['check'], 'doctor' | 'sdks'>, (fleet: VerifiedFleet) => Promise<Finding[]>>> = {
  chain: async (fleet) => [...(await checkChain(fleet)), ...(await checkPage(fleet, picture))],
  continuation: (fleet) => checkContinuation(fleet, directions, { answers: quick ? 5 : 50, seed }),
  failover: (fleet) => checkFailover(fleet, pairs, quick ? 5 : 50),
  engine: async (fleet) => {
    const findings: Finding[] = [];
    for (const id of exact) findings.push(...(await checkEngine(fleet, id)));
    return findings;
  },
};

async function verifyFleet(engines: readonly EngineProcess[]): Promise<Finding[]> {
  const fleet = await startVerifiedFleet(engines);
  const findings: Finding[] = [];
  try {
    for (const [name, check] of Object.entries(checks)) {
      if (!wanted(name)) continue;
      console.log(`${name} …`);
      findings.push(...(await check(fleet)));
    }
  } finally {
    await fleet.stop();
  }
  return findings;
}

function wanted(part: string): boolean {
  return only === undefined || only.includes(part);
}

const prepared = await prepareEngines();
if (prepared.ok) {
  const engines: EngineProcess[] = [];
  const stopAll = async (): Promise<void> => void (await Promise.all(engines.map((engine) => engine.close())));
  // Engines are in groups of their own, so a Ctrl-C does not reach them by itself.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopAll().then(() => process.exit(130)));
  try {
    const chip = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`;
    console.log(`${new Date().toISOString().slice(0, 10)}, ${chip}, load ${loadavg()[0]?.toFixed(1)} at the start, Node ${process.version}`);
    const start = async (recipe: EngineRecipe): Promise<EngineProcess> => {
      const engine = await EngineProcess.start(recipe);
      engines.push(engine);
      console.log(`started ${recipe.version}`);
      return engine;
    };
    const findings: Finding[] = [];
    if (Object.keys(checks).some(wanted)) {
      for (const recipe of prepared.value.fleet) await start(recipe);
      findings.push(...(await verifyFleet(engines)));
      await stopAll();
    }
    // One at a time: each has the machine for itself.
    for (const recipe of wanted('doctor') || wanted('sdks') ? prepared.value.alone : []) {
      const engine = await start(recipe);
      findings.push(...(await verifyAlone(engine, wanted)));
      await engine.close();
    }
    console.log(`\n${formatFindings(findings)}`);
    const missed = findings.filter(({ result }) => result === 'missed').length;
    const unclear = findings.filter(({ result }) => result === 'unclear').length;
    console.log(`${missed} missed, ${unclear} unclear because the machine was too busy, of ${findings.length}.`);
    process.exitCode = missed === 0 ? 0 : 3;
  } catch (error) {
    console.log(`It could not be finished: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await stopAll();
  }
} else console.log(`Skipped: ${prepared.failure}`);

/** What the command line says; a word that it does not know ends the command before anything is installed. */
function readOptions(): { readonly quick: boolean; readonly only: readonly string[] | undefined; readonly picture: string | undefined } {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, picture: { type: 'string' } } });
    const named = values.only?.split(',');
    const unknown = named?.find((part) => !parts.some((known) => known === part));
    if (unknown !== undefined) throw new Error(`No part is named ${unknown}.`);
    return { quick: values.quick, only: named, picture: values.picture };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nIt knows --quick, --only=${parts.join(',')} and --picture=FILE.png.`);
    process.exit(2);
  }
}
