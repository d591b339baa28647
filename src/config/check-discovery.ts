import { replicaSuffixLength } from '../fleet/replica.ts';
import type { ConfigFile } from './config-schema.ts';
import type { KeyPath } from './config-problem.ts';
import type { Report } from './report.ts';

/** An endpoint's replicas are found in one way, and each way needs what it needs. */
export function checkDiscovery({ discover, id }: ConfigFile['endpoints'][number], path: KeyPath, report: Report): void {
  if (discover === undefined) return;
  const ways = (['dns', 'srv', 'kubernetes'] as const).filter((way) => discover[way] !== undefined);
  const at = [...path, 'discover'];
  if (ways.length !== 1)
    report(at, {
      what: ways.length === 0 ? 'says not where to look' : `names ${ways.length} places to look`,
      fix: 'Give one of `dns`, `srv` and `kubernetes`.',
    });
  if (discover.port !== undefined && discover.dns === undefined)
    report([...at, 'port'], { what: 'is told by the records themselves', fix: 'Remove it; for Kubernetes, give `kubernetes.port`.' });
  if (id.length > longestId)
    report([...path, 'id'], { what: `is longer than ${longestId} characters, which leaves no room for its replicas’ own`, fix: 'Shorten it.' });
}

/** Of 64 characters that an id may have. */
const longestId = 64 - replicaSuffixLength;
