import { openSync, writeSync } from 'node:fs';
import { systemClock } from '../std/clock.ts';
import { sampleAttempt, sampleCharge, sampleClose, sampleSegment } from './ledger-samples.ts';
import { openSqliteLedger, realParts } from './open-sqlite-ledger.ts';

// The process that ledger tests kill: it notes in a file of its own what the ledger acknowledged, so that the two can
// be compared afterwards. Arguments: ledger directory, notes file, name, attempts a lane (or `forever`, or `hold`).
const [, , directory = '', notesPath = '', name = '', load = ''] = process.argv;
const lanes = 32;
const notes = openSync(notesPath, 'a');
const note = (text: string): void => {
  writeSync(notes, `${text}\n`);
};

// Small journal files, so that a kill also falls into their change and deletion.
const ledger = await openSqliteLedger(
  { directory, fsync: 'interval', memory: '/dev/shm', clock: systemClock },
  { ...realParts, maxJournalFileBytes: 65_536 },
);

async function runLane(lane: number, attempts: number): Promise<void> {
  let previous: string | undefined;
  for (let number = 0; number < attempts; number += 1) {
    const id = `${name}-${lane}-${number}`;
    await ledger.openAttempt(sampleAttempt(id, { requestId: id }));
    note(`opened ${id}`);
    // Records keep their order, so this acknowledgement is also that of the charge before.
    if (previous !== undefined) note(`charged ${previous}`);
    ledger.closeAttempt(sampleClose(id));
    ledger.charge(sampleCharge(id, { segments: [sampleSegment(id)] }));
    previous = id;
  }
}

if (load === 'hold') {
  await ledger.openAttempt(sampleAttempt(name));
  await ledger.flush();
  note(`opened ${name}`);
  setInterval(() => {}, 1000);
} else {
  const attempts = load === 'forever' ? Infinity : Number(load);
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane, attempts)));
  await ledger.close();
}
