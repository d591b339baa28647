import { checkAborts } from './check-aborts.ts';
import { checkQuirks } from './check-quirks.ts';
import { expectations, question, refusedQuestions, saidByGateway, thrownStatus, type Expectation } from '../../test/sdk/sdk-expectations.ts';
import { modelName } from './engine-folder.ts';
import { findingOf, type SdkRow } from './sdk-row.ts';
import { refusedMember } from '../../src/protocol/profiles/refused-member.ts';
import { RequestView } from '../../src/protocol/profiles/request-view.ts';
import { scanJson } from '../../src/protocol/scan-json.ts';
import type { Finding } from './finding.ts';
import type { LoneEngine } from './lone-engine.ts';
import type { Profile } from '../../src/protocol/profiles/profile.ts';
import type { SdkClient } from '../../test/sdk/sdk-client.ts';

/** Every SDK through the gateway against one engine. At the end the engine is stopped: that is an error to see, too. */
export async function checkSdks(lone: LoneEngine): Promise<Finding[]> {
  const { engine, url } = lone;
  const said = await saidByGateway(url, modelName);
  const findings: Finding[] = [];
  const add = (subject: string, rows: readonly SdkRow[]): void => {
    findings.push(findingOf(engine.id, subject, rows));
    console.log(`  ${findings.at(-1)?.subject}: ${findings.at(-1)?.result}`);
  };
  for (const expectation of expectations) {
    const rows: SdkRow[] = [];
    for (const { name, client } of lone.clients) rows.push({ sdk: name, ...(await judged(expectation, client, lone.profile, said)) });
    add(expectation.name, rows);
  }
  for (const { name, rows } of await checkQuirks(lone)) add(name, rows);
  for (const { name, changed, status } of refusedQuestions) add(`error: ${name}`, await errorRows(lone, changed, status));
  add('abort', await checkAborts(lone));
  await engine.close();
  add('error: the engine is gone', await errorRows(lone, {}, 503));
  return findings;
}

/** Where the profile says that the engine does not heed it, the client must be told so, and nothing else will do. */
async function judged({ needs, judge }: Expectation, client: SdkClient, profile: Profile, said: string): Promise<Omit<SdkRow, 'sdk'>> {
  const unheeded = unheededBy(profile, needs);
  try {
    const verdict = await judge(client, modelName, said);
    if (unheeded === undefined) return verdict;
    return { held: false, what: `answered, although the profile says that the engine does not heed \`${unheeded}\`: ${verdict.what}` };
  } catch (error) {
    const status = client.statusOf(error);
    const why = saidIn(error instanceof Error ? error.message : String(error));
    const refused = unheeded !== undefined && status === 400;
    return { held: refused, what: `${refused ? 'refused, as the profile says, with' : 'thrown, status'} ${status ?? 'none'} (${why})` };
  }
}

/** Our own sentence, which each SDK wraps in its own way. */
function saidIn(message: string): string {
  return /"message":"([^"]+)"/.exec(message)?.[1] ?? message.replace(/^\d{3} /, '');
}

function unheededBy(profile: Profile, needs: object): string | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(needs));
  const scanned = scanJson(bytes);
  return scanned.ok ? refusedMember(profile, new RequestView(bytes, scanned.value)) : undefined;
}

async function errorRows({ clients }: LoneEngine, changed: object, status: number): Promise<SdkRow[]> {
  const rows: SdkRow[] = [];
  for (const { name, client } of clients) {
    const thrown = await thrownStatus(client, { model: modelName, ...question, ...changed });
    rows.push({ sdk: name, held: thrown === status, what: `thrown with status ${thrown ?? 'none'}` });
  }
  return rows;
}
