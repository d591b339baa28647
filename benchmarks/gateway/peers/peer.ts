import type { Result } from '../../../src/std/result.ts';

export interface PeerSetup {
  readonly upstreamPorts: readonly number[];
  readonly port: number;
  /** The key that clients must send. */
  readonly key: string;
  /** A folder for its configuration, which is removed afterwards. */
  readonly folder: string;
}

export interface PeerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly readyTimeoutMs: number;
}

/** A gateway or proxy to be measured. */
export interface Peer {
  readonly name: string;
  /** What of its work the others do not do, or do beside it. */
  readonly does: string;
  /** How many times slower than a plain proxy it is about, so that its load can be less. */
  readonly slowness: number;
  /** Whether it may use both cores, as several processes do. */
  readonly bothCores: boolean;
  /** The path of the chat route. */
  readonly path: string;
  /** Header lines that clients must send beside the key. */
  readonly headers: (upstreamPorts: readonly number[]) => readonly string[];
  /** Installs it where it is missing and gives its version, or says why it cannot be had and what to do. */
  readonly prepare: () => Promise<Result<string, string>>;
  /** Writes its configuration and says how it is started. */
  readonly command: (setup: PeerSetup) => PeerCommand;
}
