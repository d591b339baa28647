import { describeProfile, emulatorProfile, emulatorProfiles } from '../emulate/profiles.ts';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { endpointAddress } from '../config/endpoint-address.ts';
import { exitCodes } from './exit-codes.ts';
import { formatTable } from './format-table.ts';
import { nearestName } from '../std/nearest-name.ts';
import { say, writeJson, type CliIo } from './cli-io.ts';
import { seededRandom } from '../std/random.ts';
import { startEmulator, type Emulator } from '../emulate/start-emulator.ts';
import { systemClock } from '../std/clock.ts';
import type { Command } from './command.ts';
import type { EmulatorProfile } from '../emulate/emulator-profile.ts';
import type { EndpointAddress } from '../fleet/endpoint.ts';

export const emulateCommand: Command = {
  usage: 'emulate (--list | --profile NAME --upstream URL|SOCKET) [--port N] [--seed N] [--json]',
  options: {
    list: { summary: 'List the profiles.' },
    profile: { value: 'NAME', summary: 'The chip to behave like.' },
    upstream: { value: 'URL', summary: 'The engine that computes the tokens: a base URL, or the path of a Unix socket.' },
    port: { value: 'N', summary: 'Port on 127.0.0.1 (default: 0, any free one).' },
    seed: { value: 'N', summary: 'Seed of the jitter, so that a run can be repeated (default: 1).' },
    json: { summary: 'Print JSON on standard output.' },
  },
  mostPositionals: 0,
  run: async (args, io) => {
    if (args.flag('list')) return list(args.flag('json'), io);
    const profile = readProfile(args.text('profile'));
    const upstream = readUpstream(args.text('upstream'));
    const emulator = await start(profile, upstream, args.wholeNumber('port', 0, 65_535) ?? 0, args.wholeNumber('seed', 0, 4_294_967_295) ?? 1);
    const url = emulator.address.kind === 'url' ? `${emulator.address.origin}${emulator.address.basePath}` : emulator.address.socketPath;
    if (args.flag('json')) writeJson(io, { url, profile: profile.id, vendor: profile.vendor, chip: profile.chip, evidence: 'emulated' });
    else io.stdout.write(`${url}\n`);
    say(io, describeProfile(profile));
    say(io, 'This is an emulation: its speeds were never measured on the chip. Ctrl-C ends it.');
    await io.stopped();
    const report = emulator.report();
    await emulator.stop();
    say(io, report.sentence);
    return exitCodes.ok;
  },
};

function list(asJson: boolean, io: CliIo): number {
  const profiles = [...emulatorProfiles.values()];
  if (asJson)
    writeJson(
      io,
      profiles.map(({ id, vendor, chip, modelName }) => ({ id, vendor, chip, model: modelName })),
    );
  else
    io.stdout.write(
      formatTable(
        [{ title: 'PROFILE' }, { title: 'VENDOR' }, { title: 'CHIP', least: 12 }, { title: 'MODEL', least: 12 }],
        profiles.map(({ id, vendor, chip, modelName }) => [id, vendor, chip, modelName]),
      ),
    );
  return exitCodes.ok;
}

function readProfile(name: string | undefined): EmulatorProfile {
  if (name === undefined) throw usageProblem('Which chip? Give --profile NAME; `second-source emulate --list` names the profiles.');
  const profile = emulatorProfile(name);
  if (profile.ok) return profile.value;
  const near = nearestName(name, emulatorProfiles.keys());
  throw usageProblem(
    `There is no profile \`${name}\`. ${near === undefined ? '`second-source emulate --list` names them.' : `Did you mean \`${near}\`?`}`,
  );
}

function readUpstream(given: string | undefined): EndpointAddress {
  if (given === undefined) throw usageProblem('Which engine computes the tokens? Give --upstream URL, or the path of its Unix socket.');
  if (!given.includes('://')) return { kind: 'socket', socketPath: given, basePath: '/v1' };
  const resolved = endpointAddress(given, undefined);
  if (!resolved.ok) throw usageProblem(`--upstream ${resolved.failure.what}. ${resolved.failure.fix}`);
  return resolved.value.address;
}

async function start(profile: EmulatorProfile, upstream: EndpointAddress, port: number, seed: number): Promise<Emulator> {
  try {
    return await startEmulator({ id: profile.id, profile, upstream, listen: { port }, clock: systemClock, random: seededRandom(seed) });
  } catch {
    throw new CliProblem(`Port ${port} of 127.0.0.1 is taken or not allowed; give another --port.`, exitCodes.fault);
  }
}
