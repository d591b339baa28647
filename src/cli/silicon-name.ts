/** Vendor and chip as people say them: `nvidia H100`, and `AMD EPYC` rather than `amd AMD EPYC`. */
export function siliconName(vendor: string, chip: string): string {
  return chip.toLowerCase().startsWith(vendor.toLowerCase()) ? chip : `${vendor} ${chip}`;
}
