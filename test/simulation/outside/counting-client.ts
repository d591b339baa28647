import { promptText, type CountedTask } from './counted-answer.ts';

export interface ClientPlan extends CountedTask {
  readonly route: 'chat' | 'completions';
  readonly stream: boolean;
  readonly model: string;
  readonly key: string;
  readonly maxTokens: number | undefined;
  readonly wantsUsage: boolean;
  readonly greedy: boolean;
  /** Sent by whoever may send the same request again and wants it to run once. */
  readonly idempotencyKey?: string | undefined;
  /** When it leaves, counted from its first byte, and how. */
  readonly leaves: { readonly afterMs: number; readonly how: 'fin' | 'rst' } | undefined;
  /** When it stops reading, and for how long. */
  readonly rests: { readonly afterMs: number; readonly forMs: number } | undefined;
}

/** The connection as a client has it. */
export interface ClientConnection {
  readonly receive: (bytes: Uint8Array) => void;
  readonly leave: (how: 'fin' | 'rst') => void;
  readonly setReading: (reading: boolean) => void;
}

/** What a client noted: its bytes, and how and when the connection ended. */
export interface ClientRecord {
  readonly plan: ClientPlan;
  readonly parts: Uint8Array[];
  over: 'end' | 'reset' | 'closed' | undefined;
  leftAtMs: number | undefined;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
}

/** What a client needs of the world it lives in: time, chance, and a connection to the gateway. */
export interface ClientWorld {
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly random: () => number;
  readonly connect: (peer: { onBytes: (bytes: Uint8Array) => void; onOver: (how: 'end' | 'reset' | 'closed') => void }) => ClientConnection;
}

export function requestBody(plan: ClientPlan): string {
  const prompt = plan.route === 'chat' ? { messages: [{ role: 'user', content: promptText(plan) }] } : { prompt: promptText(plan) };
  return JSON.stringify({
    model: plan.model,
    ...prompt,
    ...(plan.stream ? { stream: true } : {}),
    ...(plan.greedy ? { temperature: 0 } : {}),
    ...(plan.maxTokens === undefined ? {} : { max_tokens: plan.maxTokens }),
    ...(plan.stream && plan.wantsUsage ? { stream_options: { include_usage: true } } : {}),
    ...(plan.form === 'tool' ? { tools: [{ type: 'function', function: { name: 'count', parameters: { type: 'object' } } }] } : {}),
  });
}

/** Sends one request, in pieces and with pauses, and listens until the connection is over or it leaves. */
export function startClient(plan: ClientPlan, world: ClientWorld, body: Uint8Array = new TextEncoder().encode(requestBody(plan))): ClientRecord {
  const record: ClientRecord = { plan, parts: [], over: undefined, leftAtMs: undefined, startedAtMs: world.nowMs(), endedAtMs: undefined };
  const connection = world.connect({
    onBytes: (bytes) => {
      // A client that left reads nothing more.
      if (record.leftAtMs === undefined) record.parts.push(bytes.slice());
    },
    onOver: (how) => {
      record.over = how;
      record.endedAtMs = world.nowMs();
      connection.leave('fin');
    },
  });
  const path = plan.route === 'chat' ? '/v1/chat/completions' : '/v1/completions';
  const idempotency = plan.idempotencyKey === undefined ? '' : `idempotency-key: ${plan.idempotencyKey}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${plan.key}\r\ncontent-type: application/json\r\nconnection: close\r\n${idempotency}content-length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), body]);
  const at = Math.floor(world.random() * bytes.length);
  connection.receive(bytes.slice(0, at));
  world.after(world.random() * 5, () => connection.receive(bytes.slice(at)));
  const { leaves, rests } = plan;
  if (leaves !== undefined) {
    world.after(leaves.afterMs, () => {
      if (record.over !== undefined) return;
      record.leftAtMs = world.nowMs();
      connection.leave(leaves.how);
    });
  }
  if (rests !== undefined) {
    world.after(rests.afterMs, () => connection.setReading(record.leftAtMs !== undefined));
    world.after(rests.afterMs + rests.forMs, () => connection.setReading(true));
  }
  return record;
}
