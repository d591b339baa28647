import { signWebhook } from './sign-webhook.ts';
import type { Clock } from '../../std/clock.ts';
import type { ControlEvent } from '../events/event-hub.ts';
import type { Random } from '../../std/random.ts';
import type { WebhookConfig } from '../../config/resolve-webhooks.ts';

/** What may wait for one webhook; beyond it the oldest goes, and the next that is sent says how many went. */
const mostWaiting = 256;
const mostTries = 8;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

/** Sends one request. Resolves to its status; undefined where there was no answer. Never rejects. */
export type PostWebhook = (hook: WebhookConfig, headers: Readonly<Record<string, string>>, body: string) => Promise<number | undefined>;

export interface WebhookSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly post: PostWebhook;
  readonly say: (message: string) => void;
  /** Makes the ids of messages that are sent once and may arrive twice. */
  readonly newId: () => string;
}

/** Tells webhooks of events: signed, one after another, tried again with growing pauses, and never holding anything up. */
export class WebhookSender {
  readonly #around: WebhookSurroundings;
  #queues: readonly WebhookQueue[] = [];

  constructor(around: WebhookSurroundings) {
    this.#around = around;
  }

  /** Other webhooks from now on; one that stays as it is keeps what waits for it. */
  use(hooks: readonly WebhookConfig[]): void {
    const before = this.#queues;
    const isSame = (queue: WebhookQueue, hook: WebhookConfig): boolean => JSON.stringify(queue.hook) === JSON.stringify(hook);
    this.#queues = hooks.map((hook) => before.find((queue) => isSame(queue, hook)) ?? new WebhookQueue(hook, this.#around));
    for (const queue of before) if (!this.#queues.includes(queue)) queue.stop();
  }

  accept(event: ControlEvent): void {
    for (const queue of this.#queues) if (event.kind === 'dropped' || queue.hook.events.includes(event.kind)) queue.push(event);
  }

  stop(): void {
    this.use([]);
  }
}

class WebhookQueue {
  readonly hook: WebhookConfig;
  readonly #around: WebhookSurroundings;
  readonly #waiting: { readonly id: string; readonly event: ControlEvent }[] = [];
  #dropped = 0;
  #isSending = false;
  #isStopped = false;
  #cancel = (): void => {};

  constructor(hook: WebhookConfig, around: WebhookSurroundings) {
    this.hook = hook;
    this.#around = around;
  }

  push(event: ControlEvent): void {
    if (this.#isStopped) return;
    if (this.#waiting.length >= mostWaiting) {
      // The first is under way, perhaps for the last time.
      this.#waiting.splice(1, 1);
      this.#dropped += 1;
    }
    this.#waiting.push({ id: this.#around.newId(), event });
    if (!this.#isSending) void this.#send();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
    this.#cancel();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const dropped = this.#dropped;
      const { kind, atWallMs, seq, data } = next.event;
      const body = JSON.stringify({ type: kind, timestamp: new Date(atWallMs).toISOString(), seq, data, ...(dropped > 0 ? { dropped } : {}) });
      const isDelivered = await this.#deliver(next.id, body);
      if (this.#isStopped) return;
      if (isDelivered) this.#dropped -= dropped;
      else this.#dropped += 1;
      this.#waiting.shift();
    }
    this.#isSending = false;
  }

  async #deliver(id: string, body: string): Promise<boolean> {
    const { clock, random, post, say } = this.#around;
    for (let tried = 1; ; tried += 1) {
      // Signed anew each time: a receiver refuses what is long past.
      const status = await post(this.hook, signWebhook(this.hook.secret, id, clock.wallMs(), body), body);
      if (this.#isStopped) return false;
      if (status !== undefined && status >= 200 && status < 300) return true;
      // 410 says that nobody wants it any more.
      if (tried >= mostTries || status === 410) {
        say(`webhook ${this.hook.id}: an event was given up after ${tried} ${tried === 1 ? 'try' : 'tries'} (${status ?? 'no answer'}).`);
        return false;
      }
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1)) * (0.5 + random() / 2);
      await new Promise<void>((resolve) => {
        const cancel = clock.after(pauseMs, resolve);
        this.#cancel = () => {
          cancel();
          resolve();
        };
      });
      if (this.#isStopped) return false;
    }
  }
}
