import { z } from 'zod';

/** What the supervisor tells the engine process, as JSON in its first argument. */
export const childOptions = z.object({
  modelPath: z.string(),
  modelName: z.string(),
  /** A Unix socket, or else a port of the loopback. */
  socketPath: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  gpu: z.union([z.literal(false), z.enum(['auto', 'vulkan', 'cuda', 'metal'])]).default(false),
  sequences: z.int().min(1).max(256).default(4),
  contextTokens: z.int().min(16).optional(),
  threads: z.union([z.int().min(1), z.literal('measure')]).default('measure'),
  maxWaiting: z.int().min(0).default(64),
});

export type ChildOptions = z.infer<typeof childOptions>;
export type ChildArguments = z.input<typeof childOptions>;

/** What the engine process says over the IPC channel once it listens. */
export const readyMessage = z.object({
  kind: z.literal('ready'),
  silicon: z.object({
    vendor: z.string(),
    chip: z.string(),
    backend: z.string(),
    evidence: z.literal('measured'),
    driver: z.string().optional(),
    threads: z.number(),
    engineBuild: z.string(),
  }),
  modelNames: z.array(z.string()),
  contextTokens: z.number(),
  port: z.number().optional(),
});

export type ReadyMessage = z.infer<typeof readyMessage>;

/** What the supervisor says to end the engine process. */
export const stopMessage = { kind: 'stop' } as const;
