/**
 * Holds the rooms apart: each may import only what stands in this table, so that the simulator can run the policy
 * that production runs and a pure room stays pure. Prints one line a breach and exits 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Room {
  readonly imports: readonly string[];
  /** A pure room imports no `node:*` and no package: time, randomness and I/O are arguments (DESIGN §4.11). */
  readonly pure: boolean;
}

const rooms: Readonly<Record<string, Room>> = {
  std: { imports: [], pure: true },
  budget: { imports: ['fleet', 'std'], pure: true },
  protocol: { imports: ['std'], pure: true },
  fleet: { imports: ['std'], pure: true },
  access: { imports: ['fleet', 'std'], pure: true },
  policy: { imports: ['access', 'fleet', 'std'], pure: true },
  'step-time': { imports: ['std'], pure: true },
  simulate: { imports: ['policy', 'fleet', 'step-time', 'std'], pure: true },
  ledger: { imports: ['fleet', 'std'], pure: false },
  http: { imports: ['std'], pure: false },
  upstream: { imports: ['access', 'http', 'protocol', 'policy', 'budget', 'ledger', 'fleet', 'std'], pure: false },
  gateway: { imports: ['access', 'upstream', 'http', 'protocol', 'policy', 'budget', 'ledger', 'fleet', 'std'], pure: false },
  admin: { imports: ['access', 'gateway', 'upstream', 'http', 'config', 'policy', 'budget', 'ledger', 'fleet', 'std'], pure: false },
  engine: { imports: ['std'], pure: false },
  emulate: { imports: ['step-time', 'protocol', 'fleet', 'std'], pure: false },
  config: { imports: ['access', 'budget', 'protocol', 'fleet', 'std'], pure: false },
  compose: {
    imports: [
      'access',
      'admin',
      'gateway',
      'upstream',
      'protocol',
      'policy',
      'budget',
      'ledger',
      'fleet',
      'engine',
      'emulate',
      'config',
      'std',
      'step-time',
    ],
    pure: false,
  },
  cli: { imports: ['main.ts', 'config', 'emulate', 'simulate', 'ledger', 'protocol', 'fleet', 'step-time', 'std'], pure: false },
};
/** The solver calls: behind an interface, loaded when a bound is asked for. */
const impureImports: ReadonlyMap<string, string> = new Map([['simulate/bound/highs-solver.ts', 'highs']]);
/** Packages that a pure room may use all the same, because they are pure themselves. */
const purePackages = new Set(['zod', 'fast-check', 'vitest']);

const src = fileURLToPath(new URL('../src', import.meta.url));
const importPattern = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourceFiles(path) : path.endsWith('.ts') ? [path] : [];
  });
}

/** Says why an import is not allowed, or nothing. `target` is relative to src/. */
function whyNot(path: string, specifier: string, target: string): string | undefined {
  const [from = ''] = path.split('/');
  if (impureImports.get(path) === specifier) return undefined;
  const room = rooms[from];
  if (room === undefined)
    return from === 'main.ts' || from === 'serving-process.ts' ? undefined : `src/${from} is a room that scripts/check-layers.ts does not know`;
  if (!specifier.startsWith('.')) return room.pure && !purePackages.has(specifier) ? `${from} is pure and may not import '${specifier}'` : undefined;
  if (!/\.(ts|json)$/.test(specifier)) return `'${specifier}' lacks its .ts`;
  if (target.startsWith('..')) return `'${specifier}' leaves src/`;
  const [to = ''] = target.split('/');
  return to === from || room.imports.includes(to)
    ? undefined
    : `${from} may not import ${to} (it may import ${room.imports.join(', ') || 'nothing'})`;
}

/** A test may import what it needs to drive its subject; so may the suites and generators that only tests use. */
function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || /-(conformance|samples)\.ts$|\/testing\//.test(path);
}

function check(file: string): string[] {
  const path = relative(src, file);
  if (isTest(path)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const specifier = importPattern.exec(line)?.[1];
      const why = specifier === undefined ? undefined : whyNot(path, specifier, relative(src, join(file, '..', specifier)));
      return why === undefined ? [] : [`src/${path}:${index + 1}: ${why}`];
    });
}

const breaches = sourceFiles(src).flatMap(check);
for (const line of breaches) console.log(line);
if (breaches.length > 0) process.exitCode = 1;
