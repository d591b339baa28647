import { basename, resolve } from 'node:path';
import { usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';
import type { CommandLineConfig } from '../config/locate-value.ts';
import type { ConfigInput } from '../config/config-schema.ts';

type EndpointInput = NonNullable<ConfigInput['endpoints']>[number];

/** Turns the options of `up` into configuration, checked later by the same schema as the file. */
export function upOverlay(args: Arguments, workingDirectory: string, withFile: boolean): CommandLineConfig {
  const port = args.wholeNumber('port', 0, 65_535);
  const host = args.text('host') ?? (args.flag('public') ? '0.0.0.0' : undefined);
  const listen = {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(args.flag('public') ? { publicAccess: true } : {}),
    // A file has its own keys. Without one, the variable that the other commands send is the natural place.
    ...(args.flag('public') && !withFile ? { keys: ['env:SECOND_SOURCE_KEY'] } : {}),
  };
  const controlPort = args.wholeNumber('control-port', 0, 65_535);
  const processes = args.wholeNumber('processes', 1, 64);
  const ids = new Set<string>();
  const endpoints = readEndpoints(args, ids);
  const models = args.given.filter(({ name }) => name === 'model').map(({ value }) => value);
  const engines = models.map((path) => ({ id: unusedId(basename(path).replace(/\.gguf$/i, ''), ids), model: resolve(workingDirectory, path) }));
  return {
    ...(Object.keys(listen).length === 0 ? {} : { listen }),
    ...(controlPort === undefined ? {} : { control: { port: controlPort } }),
    ...(processes === undefined ? {} : { processes }),
    ...(endpoints.length === 0 ? {} : { endpoints }),
    ...(engines.length === 0 ? {} : { engines }),
  };
}

/** `--key-env` belongs to the `--endpoint` before it. */
function readEndpoints(args: Arguments, ids: Set<string>): EndpointInput[] {
  const endpoints: EndpointInput[] = [];
  for (const { name, value } of args.given) {
    if (name === 'endpoint') {
      if (!URL.canParse(value)) throw usageProblem('--endpoint needs a base URL, such as --endpoint https://api.example.com.');
      endpoints.push({ id: unusedId(new URL(value).host, ids), url: value });
    }
    if (name !== 'key-env') continue;
    const last = endpoints.pop();
    if (last === undefined) throw usageProblem('--key-env belongs after the --endpoint whose key it names.');
    if (last.key !== undefined) throw usageProblem('--key-env is given twice for one --endpoint.');
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) throw usageProblem('--key-env needs the name of an environment variable, not the key itself.');
    endpoints.push({ ...last, key: `env:${value}` });
  }
  return endpoints;
}

/** Makes an id out of a host or a file name, in the alphabet of ids. */
function unusedId(from: string, ids: Set<string>): string {
  const base =
    from
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 56) || 'endpoint';
  let id = base;
  for (let count = 2; ids.has(id); count += 1) id = `${base}-${count}`;
  ids.add(id);
  return id;
}
