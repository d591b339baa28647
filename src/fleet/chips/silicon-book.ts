import { knownChips } from './known-chips.ts';
import { knownVendors, type VendorFacts } from './known-vendors.ts';
import type { ChipFacts } from './chip-facts.ts';

/** What an operator adds to what is known, or says instead. */
export interface SiliconSayings {
  readonly vendors: readonly VendorFacts[];
  readonly chips: readonly ChipFacts[];
  readonly controlGroups: readonly { readonly name: string; readonly vendors: readonly string[] }[];
}

/** Vendors, control groups and chips: those that are known, with what the operator adds and overrides. */
export class SiliconBook {
  readonly #vendors: ReadonlyMap<string, VendorFacts>;
  readonly #chips: ReadonlyMap<string, ChipFacts>;
  readonly #groups: ReadonlyMap<string, string>;

  constructor({ vendors, chips, controlGroups }: SiliconSayings) {
    this.#vendors = new Map([...knownVendors, ...vendors].map((vendor) => [vendor.id, vendor]));
    this.#chips = new Map([...knownChips, ...chips].map((chip) => [chip.name.toLowerCase(), chip]));
    this.#groups = new Map(controlGroups.flatMap(({ name, vendors: members }) => members.map((vendor) => [vendor, name] as const)));
  }

  get vendors(): readonly VendorFacts[] {
    return [...this.#vendors.values()];
  }

  get chips(): readonly ChipFacts[] {
    return [...this.#chips.values()];
  }

  /** Whatever its case: engines and people spell chips differently. */
  chip(name: string): ChipFacts | undefined {
    return this.#chips.get(name.toLowerCase());
  }

  /** Who controls a vendor's supply: the vendor itself where the operator did not say otherwise. */
  controlGroupOf(vendor: string): string {
    return this.#groups.get(vendor) ?? vendor;
  }
}
