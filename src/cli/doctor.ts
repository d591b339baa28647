import type { Command } from './command.ts';
export const doctorCommand: Command = { usage: 'doctor URL', options: {}, mostPositionals: 1, run: async () => 0 };
