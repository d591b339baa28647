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
  explain: {
    summary: 'Say where a request would go, or why it went where it went.',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  usage: {
    summary: 'Show or export requests, tokens and money by team, key, model, vendor, …',
    load: async () => (await import('./usage.ts')).usageCommand,
  },
  dependence: {
    summary: 'Say how much depends on whom, and what would happen without each vendor.',
    load: async () => (await import('./dependence.ts')).dependenceCommand,
  },
  reconcile: { summary: 'Compare a vendor’s bill with the ledger.', load: async () => (await import('./reconcile.ts')).reconcileCommand },
  ledger: { summary: 'Back the ledger up, or restore it.', load: async () => (await import('./ledger.ts')).ledgerCommand },
  keys: { summary: 'Make, list, rotate or revoke keys of teams.', load: async () => (await import('./keys.ts')).keysCommand },
  budgets: { summary: 'Show how budgets stand.', load: async () => (await import('./budgets.ts')).budgetsCommand },
  config: {
    summary: 'Show, change, export or reload the configuration of a running gateway.',
    load: async () => (await import('./config.ts')).configCommand,
  },
  users: { summary: 'Say who may sign in to the control API.', load: async () => (await import('./users.ts')).usersCommand },
  tokens: { summary: 'Make, list or revoke control tokens for programs.', load: async () => (await import('./tokens.ts')).tokensCommand },
  audit: { summary: 'Read, verify or export the audit log.', load: async () => (await import('./audit.ts')).auditCommand },
  events: { summary: 'Follow what happens, as it happens.', load: async () => (await import('./events.ts')).eventsCommand },
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
