import { expect, test } from 'vitest';
import { knownChips } from './known-chips.ts';
import { knownHosts } from '../known-hosts.ts';
import { knownVendors } from './known-vendors.ts';
import { SiliconBook } from './silicon-book.ts';

const nothing = { vendors: [], chips: [], controlGroups: [] };

test('every chip has a source, a status and a vendor that is known, as has every host whose silicon is inferred', () => {
  const vendors = new Set(knownVendors.map(({ id }) => id));
  for (const { name, vendor, source, status } of knownChips)
    expect([vendors.has(vendor), source !== '', status !== ''], name).toEqual([true, true, true]);
  for (const { silicon } of knownHosts) if (silicon !== undefined) expect(vendors).toContain(silicon.vendor);
  expect(new Set(knownChips.map(({ name }) => name)).size).toBe(knownChips.length);
});

test('what the operator says stands before what is known', () => {
  const mine = { name: 'h100 sxm', vendor: 'nvidia', memoryGb: 94, source: 'us', sourceDate: '2026-11', status: 'declared' };
  const book = new SiliconBook({ ...nothing, chips: [mine], vendors: [{ id: 'acme', name: 'Acme' }] });
  expect(book.chip('H100 SXM')).toEqual(mine);
  expect(book.vendors.some(({ id }) => id === 'acme')).toBe(true);
  expect(book.chips).toHaveLength(knownChips.length);
});

test('a vendor is its own control group until the operator says otherwise', () => {
  expect(new SiliconBook(nothing).controlGroupOf('groq')).toBe('groq');
  const joined = new SiliconBook({ ...nothing, controlGroups: [{ name: 'nvidia', vendors: ['nvidia', 'groq'] }] });
  expect(joined.controlGroupOf('groq')).toBe('nvidia');
});
