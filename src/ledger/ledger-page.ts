/** Which rows an export lists one by one. */
export type ListedRows = 'charges' | 'attempts';

/** A window of time and the place after which a page begins, in the order of time and id. */
export interface PageQuery {
  readonly rows: ListedRows;
  readonly sinceWallMs: number;
  readonly untilWallMs: number;
  readonly after: PagePlace | undefined;
}

export interface PagePlace {
  readonly wallMs: number;
  readonly id: string;
}

/** A value of a row: a text, a number, or null for what nobody knows. */
export type PageValue = string | number | null;

export interface LedgerPage {
  /** In the order of `listedColumns`. */
  readonly rows: readonly (readonly PageValue[])[];
  /** Where the next page begins; undefined behind the last one. */
  readonly next: PagePlace | undefined;
}

export interface LedgerColumn {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number' | 'time' | 'flag';
  readonly nullable: boolean;
}

interface ListedColumn extends LedgerColumn {
  readonly sql: string;
}

const text = (name: string, sql = name): ListedColumn => ({ name, sql, type: 'text', nullable: false });
const integer = (name: string, sql = name): ListedColumn => ({ name, sql, type: 'integer', nullable: false });
const perhaps = (column: ListedColumn): ListedColumn => ({ ...column, nullable: true });
const number = (name: string): ListedColumn => ({ name, sql: name, type: 'number', nullable: true });

const asked = [text('team', 'tenant'), text('key', 'key_id'), text('route'), text('model')];
const silicon = [text('vendor'), text('chip'), text('evidence'), text('endpoint', 'endpoint_id'), text('deployment', 'deployment_id')];

interface Listing {
  readonly table: string;
  readonly id: string;
  readonly time: string;
  readonly columns: readonly ListedColumn[];
}

export const listings: Readonly<Record<ListedRows, Listing>> = {
  charges: {
    table: 'charges',
    id: 'request_id',
    time: 'settled_at_wall_ms',
    columns: [
      text('request_id'),
      { name: 'settled_at', sql: 'settled_at_wall_ms', type: 'time', nullable: false },
      ...asked,
      text('outcome'),
      integer('attempts'),
      // Where several endpoints made the answer, those of the first one.
      ...silicon,
      integer('segments'),
      text('usage_source'),
      integer('input_tokens'),
      integer('cached_input_tokens'),
      integer('output_tokens'),
      number('charge_usd'),
      { name: 'probable_retry', sql: 'probable_retry', type: 'flag', nullable: false },
    ],
  },
  attempts: {
    table: 'attempts',
    id: 'attempt_id',
    time: 'opened_at_wall_ms',
    columns: [
      text('attempt_id'),
      text('request_id'),
      { name: 'opened_at', sql: 'opened_at_wall_ms', type: 'time', nullable: false },
      ...asked,
      integer('ordinal'),
      text('reason'),
      text('state'),
      perhaps(text('outcome')),
      ...silicon,
      perhaps(text('usage_source')),
      perhaps(integer('input_tokens')),
      perhaps(integer('cached_input_tokens')),
      perhaps(integer('output_tokens')),
      number('cost_usd'),
      number('ttft_ms'),
      number('duration_ms'),
      perhaps(text('resolved_by')),
    ],
  },
};
