import { expect, test } from 'vitest';
import { z } from 'zod';
import { emulatorProfiles } from '../emulate/profiles.ts';
import { runCaptured } from './testing/run-captured.ts';

test('--list names every profile', async () => {
  const { code, stdout } = await runCaptured(['emulate', '--list']);
  expect(code).toBe(0);
  for (const id of emulatorProfiles.keys()) expect(stdout).toContain(id);
  for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
});

test('it says where it listens on standard output, that it is an emulation, and what it held when it ends', async () => {
  const { code, stdout, stderr } = await runCaptured(['emulate', '--profile', 'nvidia-h100', '--upstream', 'http://127.0.0.1:1', '--json'], {
    stopped: Promise.resolve(),
  });
  expect(code).toBe(0);
  const said = z.object({ url: z.string(), evidence: z.string() }).parse(JSON.parse(stdout));
  expect(said.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect(said.evidence).toBe('emulated');
  expect(stderr).toContain('This is an emulation');
  expect(stderr).toContain('Too little was seen');
});
