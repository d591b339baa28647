import { chromium } from 'playwright-core';
import { chromiumPath } from '../ensure-chromium.ts';
import { existsSync } from 'node:fs';
import { sleep, systemClock } from '../../src/std/clock.ts';
import type { Finding } from './finding.ts';
import type { Member, VerifiedFleet } from './verified-fleet.ts';

const browserArguments = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const waitMs = 60_000;
const fewEvents = 4;
const subject = 'the same on the page';

/** The chain once more, asked on the chat page: what a person sees of it. `picture` gets a screenshot. */
export async function checkPage(fleet: VerifiedFleet, picture: string | undefined): Promise<Finding[]> {
  if (!existsSync(chromiumPath)) return [{ check: 'chain', subject, result: 'skipped', what: 'there is no Chromium on this machine' }];
  const browser = await chromium.launch({ executablePath: chromiumPath, args: browserArguments });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 660 } });
    await page.goto(fleet.product.url);
    await page.getByLabel('Model').locator('option', { hasText: 'second-source-demo' }).waitFor({ state: 'attached' });
    await page.getByLabel('Where').selectOption('vllm');
    await page.getByLabel('Your question').fill('Count from 1 to 40.');
    const killed = killInTurn(fleet);
    await page.keyboard.press('Enter');
    await killed;
    await page
      .getByText(/attempt|gateway \d/)
      .first()
      .waitFor({ timeout: waitMs });
    const madeBy = (await page.getByLabel('Made by').innerText()).replaceAll(/\s+/g, ' ');
    if (picture !== undefined) await page.screenshot({ path: picture });
    const inOrder = /vllm.*llama-server.*ours/.test(madeBy);
    return [{ check: 'chain', subject, result: inOrder ? 'held' : 'missed', what: `the page says: ${madeBy}` }];
  } finally {
    await browser.close();
    await Promise.all(['vllm', 'llama-server'].map((id) => fleet.member(id).engine.start()));
    await fleet.forgive();
  }
}

/** Kills whoever answers, once it has said something. The page cannot name who shall continue, so all others are unplugged. */
async function killInTurn(fleet: VerifiedFleet): Promise<void> {
  const plug = (id: string, change: 'plug' | 'unplug'): Promise<Response> => fleet.product.control(`/control/v1/endpoints/${id}/${change}`);
  for (const id of fleet.members.keys()) if (id !== 'vllm' && id !== 'llama-server') await plug(id, 'unplug');
  await saysSomething(fleet.member('vllm'));
  fleet.member('vllm').engine.kill();
  await saysSomething(fleet.member('llama-server'));
  // Ours is plugged in only now, so that it could not be the one to go on for vLLM; an answer takes less time than that.
  fleet.member('llama-server').engine.freeze();
  await plug('ours', 'plug');
  fleet.member('llama-server').engine.kill();
}

async function saysSomething({ engine, proxy }: Member): Promise<void> {
  const enough = proxy.eventsPassed + fewEvents;
  const deadlineMs = systemClock.nowMs() + waitMs;
  while (proxy.eventsPassed < enough) {
    if (systemClock.nowMs() > deadlineMs) throw new Error(`${engine.id} said nothing within ${waitMs} ms`);
    await sleep(systemClock, 1);
  }
}
