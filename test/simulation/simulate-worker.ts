import { parentPort, workerData } from 'node:worker_threads';
import { simulateWorld } from './simulate-world.ts';

/** Runs every so-manieth seed and hands each world's report over. */
const { firstSeed, endSeed, step, requests }: { firstSeed: number; endSeed: number; step: number; requests: number } = workerData;
for (let seed = firstSeed; seed < endSeed; seed += step) parentPort?.postMessage(await simulateWorld(seed, requests));
