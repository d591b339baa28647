import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { ownSecret } from '../../admin/state/own-secret.ts';
import { StartProblem } from '../start-problem.ts';
import type { KeySecrets } from '../../access/key-store.ts';
import type { KeyStoreConfig } from '../../config/config-schema.ts';

/** Digests under the peppers of the configuration, or under one in a file beside the store, which the first start makes. */
export function keySecrets({ directory, pepper, previousPepper }: KeyStoreConfig): KeySecrets {
  const present = pepper ?? ownPepper(directory);
  const peppers = [present, ...(previousPepper === undefined ? [] : [previousPepper])].map((secret) => ({ id: pepperId(secret), secret }));
  return {
    random: (bytes) => void randomFillSync(bytes),
    digests: (key) => peppers.map(({ id, secret }) => ({ pepper: id, digest: createHmac('sha256', secret).update(key).digest() })),
    isEqual: timingSafeEqual,
  };
}

/** Names a pepper in the store: it must be told apart from others there, and nothing of it may be learnt. */
function pepperId(secret: string): string {
  return createHmac('sha256', secret).update('second-source pepper id').digest('hex').slice(0, 8);
}

/** The pepper that the gateway keeps for itself. */
function ownPepper(directory: string): string {
  const path = join(directory, 'pepper');
  const pepper = ownSecret(path);
  if (pepper.ok) return pepper.value;
  switch (pepper.failure.kind) {
    case 'unmade':
      throw problem(path, 'cannot be made', pepper.failure.error);
    case 'unreadable':
      throw problem(path, 'cannot be read', pepper.failure.error);
    case 'removed':
      throw new StartProblem(`The file ${path} was removed while the gateway started: start it again.`);
    case 'cut-short':
      throw new StartProblem(`The file ${path}, under which the keys of teams are kept, is cut short: restore it from a backup.`);
  }
}

function problem(path: string, what: string, error: unknown): StartProblem {
  const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new StartProblem(
    `The file ${path}, under which the keys of teams are kept, ${what}${why}: make its folder writable for this user, or name a pepper in \`keyStore.pepper\`.`,
  );
}
