import { expect, test } from 'vitest';
import { physicalCores, readSilicon } from './read-silicon.ts';

const about = { threads: 1, engineBuild: 'test' };
const onCpu = readSilicon({ backend: 'cpu', deviceNames: [], ...about });

test('the CPU that computes is this machine’s, measured', () => {
  expect(onCpu).toMatchObject({ backend: 'cpu', evidence: 'measured' });
  expect(onCpu.vendor).toMatch(/^[a-z]+$/u);
  expect(onCpu.chip.length).toBeGreaterThan(2);
});

test.each([
  ['cuda', 'NVIDIA H100 80GB HBM3', 'nvidia'],
  ['vulkan', 'AMD Radeon RX 7900 XTX (RADV NAVI31)', 'amd'],
  ['vulkan', 'Intel(R) Arc(tm) A770 Graphics (DG2)', 'intel'],
  ['metal', 'Apple M3 Max', 'apple'],
] as const)('a %s device called %s is of %s', (backend, name, vendor) => {
  expect(readSilicon({ backend, deviceNames: [name], ...about })).toMatchObject({ vendor, chip: name, backend });
});

test('a software Vulkan device counts for the maker of the CPU that runs it', () => {
  const silicon = readSilicon({ backend: 'vulkan', deviceNames: ['llvmpipe (LLVM 15.0.6, 256 bits)'], ...about });
  expect(silicon).toMatchObject({ vendor: onCpu.vendor, chip: `llvmpipe (software Vulkan) on ${onCpu.chip}` });
});

test('a Vulkan build that found no device computes on the CPU', () => {
  expect(readSilicon({ backend: 'vulkan', deviceNames: [], ...about })).toEqual(onCpu);
});

test('there is at least one physical core', () => {
  expect(physicalCores()).toBeGreaterThanOrEqual(1);
});
