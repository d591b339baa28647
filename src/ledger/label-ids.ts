import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { readLabels } from './label-text.ts';

export interface LabelIds {
  /** The row of these labels, made where there is none; undefined where the text is no labels. */
  readonly idOf: (text: string) => number | undefined;
  /** Needed after a rollback, which takes back the rows that were made since. */
  readonly forget: () => void;
}

const maxRemembered = 10_000;
const labelRow = z.object({ label_id: z.int() });

export function prepareLabelIds(database: DatabaseSync): LabelIds {
  const insert = database.prepare('INSERT INTO labels VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const select = database.prepare(`
    SELECT label_id FROM labels WHERE (tenant, route, model, deployment_id, endpoint_id, vendor, chip, evidence, key_id) = (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const known = new Map<string, number>();
  return {
    idOf: (text) => {
      const id = known.get(text);
      if (id !== undefined) return id;
      const labels = readLabels(text);
      if (labels === undefined) return undefined;
      insert.run(...labels);
      const { label_id: found } = labelRow.parse(select.get(...labels));
      if (known.size >= maxRemembered) known.clear();
      // A copy, since a text cut from a journal's would keep all of that in memory.
      known.set(Buffer.from(text, 'utf8').toString('utf8'), found);
      return found;
    },
    forget: () => known.clear(),
  };
}
