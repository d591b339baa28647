import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldTail, type HeldBatch } from './held-tail.ts';
import { journalFileName } from './journal-file.ts';
import { openJournalShadow, shadowPath } from './journal-shadow.ts';
import { restoreShadow } from './restore-shadow.ts';
import { shadowDirectory } from './shadow-directory.ts';

const processId = '0'.repeat(32);
const journal = (directory: string, sequence: number): string => join(directory, journalFileName(processId, sequence));
/** Longer than what a file of a shadow holds before the other one takes over. */
const big = 300_000;

describe('journal-shadow', () => {
  let memory: string;
  let disk: string;
  beforeEach(async () => {
    memory = await mkdtemp(join(tmpdir(), 'shadow-'));
    disk = await mkdtemp(join(tmpdir(), 'journal-'));
  });
  afterEach(async () => {
    await rm(memory, { recursive: true });
    await rm(disk, { recursive: true });
  });
  const restore = (): void => restoreShadow(memory, disk, processId);

  it('what the disk lacks is written where it belongs, once or twice alike', async () => {
    await writeFile(journal(disk, 1), 'on disk\npart');
    const shadow = openJournalShadow(memory, processId);
    expect(shadow.hold(Buffer.from('partly here\n'), { sequence: 1, bytes: 8 })).toBe(true);
    expect(shadow.hold(Buffer.from('new\n'), { sequence: 1, bytes: 20 })).toBe(true);
    const kept = await readFile(shadowPath(memory, processId, 0));
    restore();
    expect(await readFile(journal(disk, 1), 'utf8')).toBe('on disk\npartly here\nnew\n');
    await writeFile(shadowPath(memory, processId, 0), kept);
    restore();
    expect(await readFile(journal(disk, 1), 'utf8')).toBe('on disk\npartly here\nnew\n');
  });

  it('a file of the journal that was not made yet is made', async () => {
    openJournalShadow(memory, processId).hold(Buffer.from('first\n'), { sequence: 7, bytes: 0 });
    restore();
    expect(await readFile(journal(disk, 7), 'utf8')).toBe('first\n');
  });

  it('what the disk has is forgotten at once, so that a deleted journal does not come back', async () => {
    const shadow = openJournalShadow(memory, processId);
    shadow.hold(Buffer.from('first\n'), { sequence: 1, bytes: 0 });
    shadow.release({ sequence: 1, bytes: 6 });
    restore();
    await expect(stat(journal(disk, 1))).rejects.toThrow(/ENOENT/);
  });

  it('the last one to close removes the folder, which is made anew by whoever comes', () => {
    const folder = join(memory, 'ledger');
    const [first, second] = [openJournalShadow(folder, processId), openJournalShadow(folder, '1'.repeat(32))];
    first.close();
    expect(existsSync(folder)).toBe(true);
    second.close();
    expect(existsSync(folder)).toBe(false);
    openJournalShadow(folder, processId).close();
  });

  it('the two files take turns, and where neither is free it says that it has no room', () => {
    const shadow = openJournalShadow(memory, processId);
    const place = { sequence: 1, bytes: 0 };
    expect(shadow.hold(Buffer.alloc(big), place)).toBe(true);
    expect(shadow.hold(Buffer.alloc(big), { sequence: 1, bytes: big })).toBe(true);
    expect(shadow.hold(Buffer.from('x'), { sequence: 2, bytes: 0 })).toBe(false);
    shadow.release({ sequence: 1, bytes: big });
    expect(shadow.hold(Buffer.from('x'), { sequence: 2, bytes: 0 })).toBe(true);
  });

  it('memory that is no memory, or a folder that others may read, is not used', async () => {
    expect(shadowDirectory('/proc', disk)).toBeUndefined();
    const folder = shadowDirectory('/dev/shm', disk);
    if (folder === undefined) throw new Error('this machine has no file system in memory');
    await chmod(folder, 0o755);
    expect(shadowDirectory('/dev/shm', disk)).toBeUndefined();
    await rm(folder, { recursive: true });
  });

  it('whenever the process dies, disk and shadow together are what was held', async () => {
    const anyStep = fc.oneof(
      fc.record({ kind: fc.constant('hold' as const), bytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(big)) }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('write' as const), torn: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
        const [shadows, journals] = [await mkdtemp(join(memory, 'run-')), await mkdtemp(join(disk, 'run-'))];
        const tail = new HeldTail(openJournalShadow(shadows, processId), { fileBytes: 1000, heldBytes: 1e9 });
        const files = new Map<number, Buffer>();
        // Side by side, as the journal encodes them.
        const page = Buffer.alloc(30 * big);
        let [held, letter, used] = ['', 0, 0];
        let onItsWay: HeldBatch | undefined;
        for (const step of steps) {
          if (step.kind === 'hold') {
            const text = String.fromCodePoint(97 + (letter++ % 26)).repeat(step.bytes);
            const bytes = page.subarray(used, (used += page.write(text, used)));
            if (tail.hold(bytes, 1)) held += text;
            continue;
          }
          const batch: HeldBatch | undefined = onItsWay ?? tail.first();
          onItsWay = step.kind === 'take' ? batch : undefined;
          if (batch === undefined || step.kind === 'take') continue;
          const { place, bytes } = batch;
          const written = step.torn ? bytes.subarray(0, bytes.length / 2) : bytes;
          files.set(place.sequence, Buffer.concat([(files.get(place.sequence) ?? Buffer.alloc(0)).subarray(0, place.bytes), written]));
          if (!step.torn) tail.release(batch);
        }
        for (const [sequence, bytes] of files) await writeFile(journal(journals, sequence), bytes);
        restoreShadow(shadows, journals, processId);
        let found = '';
        for (let sequence = 1; ; sequence += 1) {
          const text = await readFile(journal(journals, sequence), 'utf8').catch(() => undefined);
          if (text === undefined) break;
          found += text;
        }
        expect(found.length).toBe(held.length);
        expect(found === held).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
