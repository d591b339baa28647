import type { Target } from './job.ts';

/** A chat request as bytes. What the mock shall do stands in the prompt, which every gateway passes on. */
export function chatBytes(target: Target, prompt: string, stream: boolean): Buffer {
  const body = JSON.stringify({
    model: 'm',
    messages: [
      { role: 'system', content: 'You are a helpful assistant who answers in one paragraph and in plain words.' },
      { role: 'user', content: prompt },
    ],
    max_tokens: 4096,
    temperature: 0,
    ...(stream ? { stream: true } : {}),
  });
  return Buffer.from(
    [
      `POST ${target.path} HTTP/1.1`,
      `Host: 127.0.0.1:${target.port}`,
      'Content-Type: application/json',
      'Accept: application/json',
      'User-Agent: benchmark',
      `Authorization: Bearer ${target.key}`,
      ...target.headers,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
