import { randomUUID } from 'node:crypto';
import { webhookPost } from './post-webhook.ts';
import { WebhookSender } from '../admin/webhooks/webhook-sender.ts';
import type { Clock } from '../std/clock.ts';
import type { EventHub } from '../admin/events/event-hub.ts';
import type { StateWatch } from '../admin/events/state-watch.ts';
import type { WebhookConfig } from '../config/resolve-webhooks.ts';

export interface WebhookParts {
  readonly events: EventHub;
  readonly stateWatch: StateWatch;
  readonly clock: Clock;
  readonly say: (message: string) => void;
}

/** Follows events for as long as there is any webhook to tell of them. */
export function tellWebhooks({ events, stateWatch, clock, say }: WebhookParts): {
  readonly use: (hooks: readonly WebhookConfig[]) => void;
  readonly stop: () => Promise<void>;
} {
  const { post, close } = webhookPost(clock);
  const sender = new WebhookSender({ clock, random: Math.random, post, say, newId: randomUUID });
  let unfollow: (() => void) | undefined;
  const use = (hooks: readonly WebhookConfig[]): void => {
    sender.use(hooks);
    if (hooks.length === 0) {
      unfollow?.();
      unfollow = undefined;
    } else unfollow ??= follow();
  };
  const follow = (): (() => void) | undefined => {
    const follower = events.follow((event) => {
      sender.accept(event);
      return true;
    });
    if (follower === undefined) return undefined;
    const unwatch = stateWatch.follow();
    return () => {
      follower.stop();
      unwatch();
    };
  };
  return {
    use,
    stop: async () => {
      use([]);
      await close();
    },
  };
}
