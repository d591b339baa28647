import { knownVendors } from '../fleet/chips/known-vendors.ts';
import { nearestName } from '../std/nearest-name.ts';
import type { ConfigFile } from './config-schema.ts';
import type { KeyPath } from './config-problem.ts';
import type { Report } from './report.ts';
import type { SiliconSayings } from '../fleet/chips/silicon-book.ts';

/** A cap as the policy takes it (`policy/shares/share-cap.ts`). */
export interface CapConfig {
  readonly id: string;
  readonly group: { readonly by: 'vendor' | 'controlGroup' | 'chip' | 'endpoint'; readonly name: string };
  readonly measure: 'tokens' | 'requests' | 'usd';
  readonly kind: 'hard' | 'soft';
  readonly most: number;
  readonly windowMs: number;
  readonly minimumVolume: number;
  readonly countEmulated: boolean;
}

const usualVolume = { tokens: 100_000, requests: 100, usd: 1 } as const;
const groupKinds = ['vendor', 'controlGroup', 'chip', 'endpoint'] as const;

/** Checks that every vendor that is named is known, wherever it stands, and that each belongs to one group. */
export function resolveSilicon(file: ConfigFile, report: Report): SiliconSayings {
  const { vendors, controlGroups, chips } = file;
  const known = vendorNames(file);
  once(
    vendors.map(({ id }) => id),
    'vendors',
    'id',
    report,
  );
  once(
    chips.map(({ name }) => name.toLowerCase()),
    'chips',
    'name',
    report,
  );
  once(
    controlGroups.map(({ name }) => name),
    'controlGroups',
    'name',
    report,
  );
  for (const [index, { silicon }] of file.endpoints.entries())
    if (silicon !== undefined) checkVendor(silicon.vendor, known, ['endpoints', index, 'silicon', 'vendor'], report);
  for (const [index, { vendor }] of chips.entries()) checkVendor(vendor, known, ['chips', index, 'vendor'], report);
  const groupOf = new Map<string, string>();
  for (const [index, { name, vendors: members }] of controlGroups.entries())
    for (const [place, vendor] of members.entries()) {
      checkVendor(vendor, known, ['controlGroups', index, 'vendors', place], report);
      const other = groupOf.get(vendor);
      if (other !== undefined && other !== name)
        report(['controlGroups', index, 'vendors', place], { what: `is in the group \`${other}\` already`, fix: 'Leave it in one of the two.' });
      groupOf.set(vendor, name);
    }
  return {
    vendors: vendors.map(({ id, name = id, note }) => ({ id, name, note })),
    controlGroups,
    chips: chips.map((chip) => ({ ...chip, status: 'declared' })),
  };
}

export function resolveCaps(file: ConfigFile, report: Report): readonly CapConfig[] {
  once(
    file.caps.map(({ id }) => id),
    'caps',
    'id',
    report,
  );
  return file.caps.flatMap((cap, index) => {
    const given = groupKinds.filter((by) => cap[by] !== undefined);
    const [by] = given;
    const name = by === undefined ? undefined : cap[by];
    if (by === undefined || name === undefined || given.length > 1) {
      const what = given.length > 1 ? `caps ${given.map((kind) => `\`${kind}\``).join(' and ')} at once` : 'does not say whom it caps';
      report(['caps', index], { what, fix: 'Give one of `vendor`, `controlGroup`, `chip` and `endpoint`.' });
      return [];
    }
    checkGroup(by, name, file, ['caps', index, by], report);
    const { id, measure, kind, mostPercent, windowMs, minimumVolume = usualVolume[measure], countEmulated } = cap;
    return [{ id, group: { by, name }, measure, kind, most: mostPercent / 100, windowMs, minimumVolume, countEmulated }];
  });
}

function checkGroup(by: CapConfig['group']['by'], name: string, file: ConfigFile, path: KeyPath, report: Report): void {
  const vendors = vendorNames(file);
  if (by === 'vendor') return checkVendor(name, vendors, path, report);
  if (by === 'controlGroup') {
    const groups = [...file.controlGroups.map((group) => group.name), ...vendors];
    return check(name, groups, 'there is no such control group', 'Add it under `controlGroups`.', path, report);
  }
  // Chips are spelt as machines spell them, which nobody knows before engines run.
  if (by === 'chip') return;
  const ids = [...file.endpoints, ...file.engines, ...file.emulators].map(({ id }) => id);
  check(name, ids, 'no endpoint has this id', 'Give the id of an endpoint, an engine or an emulator.', path, report);
}

function vendorNames({ vendors }: ConfigFile): readonly string[] {
  return [...knownVendors, ...vendors].map(({ id }) => id);
}

function checkVendor(vendor: string, known: readonly string[], path: KeyPath, report: Report): void {
  check(vendor, known, 'is no vendor that is known', 'Add it under `vendors`, or correct its name.', path, report);
}

function check(name: string, known: readonly string[], what: string, fix: string, path: KeyPath, report: Report): void {
  if (known.includes(name)) return;
  const near = nearestName(name, known);
  report(path, { what, fix: near === undefined ? fix : `Did you mean \`${near}\`?` });
}

function once(names: readonly string[], section: 'vendors' | 'controlGroups' | 'chips' | 'caps', key: string, report: Report): void {
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first !== index) report([section, index, key], { what: `${section}[${first}] has the same name`, fix: 'Give each a name of its own.' });
  }
}
