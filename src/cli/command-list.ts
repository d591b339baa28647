import type { Command } from './command.ts';

export interface CommandEntry {
  readonly summary: string;
  /** Loaded when it is called, so that `help` and `status` do not wait for engines and solvers. */
  readonly load: () => Promise<Command>;
}

export const commandList: Readonly<Record<string, CommandEntry>> = {
  up: { summary: 'Serve: one OpenAI-compatible endpoint over all that you have.', load: async () => (await import('./up.ts')).upCommand },
  chat: { summary: 'Ask a running gateway, and see which vendor’s silicon answered.', load: async () => (await import('./chat.ts')).chatCommand },
  status: { summary: 'Say how a running gateway is.', load: async () => (await import('./status.ts')).statusCommand },
  endpoints: { summary: 'List endpoints, or take one out and put it back.', load: async () => (await import('./endpoints.ts')).endpointsCommand },
  usage: { summary: 'Show requests, tokens and money by model, vendor, endpoint, …', load: async () => (await import('./usage.ts')).usageCommand },
  emulate: { summary: 'Run an endpoint that behaves like a named chip.', load: async () => (await import('./emulate.ts')).emulateCommand },
  simulate: {
    summary: 'Judge routing policies on a simulated fleet.',
    load: async () => (await import('./simulate.ts')).simulateCommand,
  },
  doctor: {
    summary: 'Check how an endpoint deviates from OpenAI’s published behaviour.',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  verify: { summary: 'Prove a dialect against a real endpoint, through the gateway.', load: async () => (await import('./verify.ts')).verifyCommand },
};
