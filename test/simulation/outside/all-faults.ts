import { connectionFaults, responseFaults } from './connection-faults.ts';
import type { EngineFault } from './engine-fault.ts';
import { framingFaults } from './framing-faults.ts';
import { meaningFaults } from './meaning-faults.ts';
import { syntaxFaults } from './syntax-faults.ts';

/** Every fault that an engine of a simulation can show. */
export const allFaults: readonly EngineFault[] = [...connectionFaults, ...responseFaults, ...framingFaults, ...syntaxFaults, ...meaningFaults];
