import { nearestName } from '../../std/nearest-name.ts';
import { failure, success } from '../../std/result.ts';
import type { Result } from '../../std/result.ts';

/** Which columns of a vendor's file say what; several are added up. */
export interface BillFormat {
  readonly time: string;
  readonly model: string;
  readonly key: string | undefined;
  readonly request: string | undefined;
  readonly input: readonly string[];
  /** The part of the input that the vendor had cached. */
  readonly cached: readonly string[];
  readonly output: readonly string[];
  readonly usd: readonly string[];
}

const noKey = { key: undefined, request: undefined };

/** The fields of the vendors' published usage reports, one line a bucket: see `reconcile-samples.ts` for where they stand. */
const published = {
  openai: {
    ...noKey,
    time: 'start_time',
    model: 'model',
    input: ['input_tokens'],
    cached: ['input_cached_tokens'],
    output: ['output_tokens'],
    usd: [],
  },
  anthropic: {
    ...noKey,
    time: 'starting_at',
    model: 'model',
    input: ['uncached_input_tokens', 'cache_read_input_tokens', 'ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'],
    cached: ['cache_read_input_tokens'],
    output: ['output_tokens'],
    usd: [],
  },
} as const satisfies Record<string, BillFormat>;

/** What an own export of attempts says, so that two gateways can be compared. */
const secondSource: BillFormat = {
  time: 'opened_at',
  model: 'model',
  key: 'key',
  request: 'attempt_id',
  input: ['input_tokens'],
  cached: ['cached_input_tokens'],
  output: ['output_tokens'],
  usd: ['cost_usd'],
};

const formats: Readonly<Record<string, BillFormat>> = { ...published, 'second-source': secondSource };
export const billFormatNames: readonly string[] = [...Object.keys(formats), 'generic'];

const parts = ['time', 'model', 'key', 'request', 'input', 'cached', 'output', 'usd'] as const;
type Part = (typeof parts)[number];

/**
 * A format by its name, with columns named otherwise: `input=prompt_tokens`, or `input=a+b` where two are added up.
 * `generic` has none of its own, so that its time, model, input and output must be named.
 */
export function readBillFormat(name: string, columns: readonly string[]): Result<BillFormat, string> {
  const known = formats[name];
  if (known === undefined && name !== 'generic') {
    const near = nearestName(name, billFormatNames);
    return failure(`The format is one of ${billFormatNames.join(', ')}.${near === undefined ? '' : ` Did you mean \`${near}\`?`}`);
  }
  const given = new Map<Part, readonly string[]>();
  for (const column of columns) {
    const at = column.indexOf('=');
    const part = parts.find((each) => each === column.slice(0, at));
    const names = column.slice(at + 1).split('+');
    if (at === -1 || part === undefined || names.includes(''))
      return failure(`\`${column}\` names no column. Give PART=NAME, where PART is one of ${parts.join(', ')}.`);
    given.set(part, names);
  }
  const one = (part: Part, otherwise: string | undefined): string | undefined => given.get(part)?.[0] ?? otherwise;
  const several = (part: Part, otherwise: readonly string[] | undefined): readonly string[] => given.get(part) ?? otherwise ?? [];
  const time = one('time', known?.time);
  const model = one('model', known?.model);
  const input = several('input', known?.input);
  const output = several('output', known?.output);
  if (time === undefined || model === undefined || input.length === 0 || output.length === 0)
    return failure('Say which columns hold the time, the model, the input and the output: time=NAME, model=NAME, input=NAME, output=NAME.');
  return success({
    time,
    model,
    key: one('key', known?.key),
    request: one('request', known?.request),
    input,
    cached: several('cached', known?.cached),
    output,
    usd: several('usd', known?.usd),
  });
}
