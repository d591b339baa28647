/** What the process says to scripts. */
export const exitCodes = {
  ok: 0,
  /** The thing that was asked for failed. */
  fault: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** A check that must hold does not. */
  gate: 3,
  /** A key is missing or was refused. */
  auth: 4,
  unreachable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
