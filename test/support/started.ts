import { onTestFinished } from 'vitest';
import { startHeldUpstream, type HeldUpstream } from './held-upstream.ts';
import { startScriptedUpstream, type Script, type ScriptedUpstream } from './scripted-upstream.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';
import type { TestEndpoint } from './test-fleet.ts';

/** An endpoint that plays one script, or one for each request in turn; stopped with the test that started it. */
export async function scripted(answer: Script | ((index: number) => Script)): Promise<ScriptedUpstream> {
  const upstream = await startScriptedUpstream((_request, index) => (typeof answer === 'function' ? answer(index) : answer));
  onTestFinished(upstream.stop);
  return upstream;
}

/** The gateway over such endpoints; stopped with the test that started it, and before them. */
export async function gatewayOver(endpoints: readonly TestEndpoint[], options: Parameters<typeof startTestGateway>[1] = {}): Promise<TestGateway> {
  const gate = await startTestGateway(endpoints, options);
  onTestFinished(gate.stop);
  return gate;
}

/** The gateway over an endpoint that says what the test tells it to say, when it tells it. */
export async function held(options: Parameters<typeof startTestGateway>[1] = {}): Promise<{ upstream: HeldUpstream; gate: TestGateway }> {
  const upstream = await startHeldUpstream();
  onTestFinished(upstream.stop);
  return { upstream, gate: await gatewayOver([{ id: 'one', origin: upstream.origin }], options) };
}
