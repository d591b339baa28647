/** `npm run fuzz:authorization -- [HOW MANY] [SEED]`: a million drawn Authorization headers at a gateway over real sockets (S4). */
import { fuzzAuthorization } from './fuzz-authorization.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const [count = 1_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const key = 'correct-key-of-the-gateway';
const gate = await startTestGateway([], { keys: [key] });
process.stdout.write(`${count} headers, seed ${seed}\n`);
const { sent, statuses, wrong } = await fuzzAuthorization(gate.url, key, count, seed);
await gate.stop();
process.stdout.write(`${sent} sent, answered ${JSON.stringify(statuses)}, wrongly ${wrong.length}\n${wrong.slice(0, 10).join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
