import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { decrypted, encrypted, readBackupKey, type BackupKey } from './backup-cipher.ts';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { controlClient } from './control-client.ts';
import { controlOptions, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { say, type CliIo } from './cli-io.ts';
import type { Arguments } from './parse-arguments.ts';

export const ledgerCommand: Command = {
  usage: 'ledger backup FILE [--key-file PATH] [--control URL] | ledger restore FILE --to FOLDER [--key-file PATH]',
  options: {
    'key-file': { value: 'PATH', summary: 'A file with 64 hexadecimal digits: the backup is encrypted with them (AES-256-GCM).' },
    to: { value: 'FOLDER', summary: 'Of restore: the folder of the new ledger, in which there is none yet.' },
    control: controlOptions.control,
  },
  mostPositionals: 2,
  run: async (args, io) => {
    const [what, file] = args.positionals;
    if (what !== 'backup' && what !== 'restore') throw usageProblem('Say what to do with the ledger: `ledger backup FILE` or `ledger restore FILE`.');
    if (file === undefined) throw usageProblem(`Name the file: \`ledger ${what} FILE\`.`);
    const path = resolve(io.workingDirectory, file);
    return what === 'backup' ? backUp(args, io, path) : restore(args, io, path);
  },
};

async function backUp(args: Arguments, io: CliIo, path: string): Promise<number> {
  const key = keyOf(args, io);
  const { body } = await controlClient(args, io).stream('/control/v1/ledger/backup');
  const bytes = await io.writeParts(path, key === undefined ? body : encrypted(body, key, randomBytes(12)));
  say(io, `The ledger was copied to ${path} (${bytes} bytes${key === undefined ? '' : ', encrypted'}).`);
  return exitCodes.ok;
}

/** Needs no gateway, since it is what comes before one can start. */
async function restore(args: Arguments, io: CliIo, path: string): Promise<number> {
  const to = args.text('to');
  if (to === undefined) throw usageProblem('Say where the ledger shall be: --to FOLDER.');
  const key = keyOf(args, io);
  const target = join(resolve(io.workingDirectory, to), 'ledger.sqlite');
  try {
    const parts = io.readParts(path);
    await io.writeParts(target, key === undefined ? parts : decrypted(parts, key));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliProblem(
      key === undefined ? `The backup ${path} was not restored: ${why}.` : `The backup ${path} was not restored: ${why}. Is it the right key?`,
      exitCodes.fault,
    );
  }
  say(io, `The ledger stands in ${to}: name that folder as \`ledger.directory\`, then start the gateway.`);
  return exitCodes.ok;
}

function keyOf(args: Arguments, io: CliIo): BackupKey | undefined {
  const path = args.text('key-file');
  if (path === undefined) return undefined;
  const key = readBackupKey(io.readFile(resolve(io.workingDirectory, path)));
  if (key === undefined) throw usageProblem(`${path} holds no key: 64 hexadecimal digits are one, as \`openssl rand -hex 32\` writes them.`);
  return key;
}
