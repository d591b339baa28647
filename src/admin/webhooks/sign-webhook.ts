import { createHmac } from 'node:crypto';

/**
 * The headers that prove where an event comes from and when it was sent, as Standard Webhooks 1.0 has them: HMAC-SHA256
 * over `id.timestamp.body`. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(secret: string, id: string, atWallMs: number, body: string): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atWallMs / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
