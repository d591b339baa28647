import { request } from 'undici';
import { z } from 'zod';
import { printableText } from './printable-text.ts';

export interface LocalPort {
  readonly port: number;
  /** The engine that uses this port unless told otherwise. */
  readonly usualEngine: string;
}

/** Default ports in the documentation of each engine. */
export const usualPorts: readonly LocalPort[] = [
  { port: 11_434, usualEngine: 'Ollama' },
  { port: 8000, usualEngine: 'vLLM' },
  { port: 8080, usualEngine: 'llama.cpp' },
  { port: 1234, usualEngine: 'LM Studio' },
  { port: 30_000, usualEngine: 'SGLang' },
  { port: 3000, usualEngine: 'TGI' },
];

export interface LocalEngine extends LocalPort {
  readonly models: readonly string[];
}

const probeTimeoutMs = 300;
const answerBytes = 256 * 1024;
const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).max(1000) });

/** Asks the usual ports of this machine whether an OpenAI-compatible engine answers there. Never fails. */
export async function findLocalEngines(ports: readonly LocalPort[] = usualPorts): Promise<readonly LocalEngine[]> {
  const found = await Promise.all(ports.map(probe));
  return found.filter((engine) => engine !== undefined);
}

async function probe(at: LocalPort): Promise<LocalEngine | undefined> {
  try {
    const response = await request(`http://127.0.0.1:${at.port}/v1/models`, { signal: AbortSignal.timeout(probeTimeoutMs) });
    let text = '';
    for await (const part of response.body) {
      text += String(part);
      if (text.length > answerBytes) return undefined;
    }
    const parsed = modelsSchema.safeParse(response.statusCode === 200 ? JSON.parse(text) : undefined);
    return parsed.success ? { ...at, models: parsed.data.data.map(({ id }) => id) } : undefined;
  } catch {
    return undefined;
  }
}

/** Two lines: what was seen, and the command that would use it. */
export function describeLocalEngine({ port, usualEngine, models }: LocalEngine): string {
  const shown = models.slice(0, 3).join(', ') || 'no model yet';
  const more = models.length > 3 ? ` and ${models.length - 3} more` : '';
  return printableText(
    `An engine answers at http://127.0.0.1:${port} (${usualEngine}’s usual port) with ${shown}${more}. It is not used unless you say so:\n  second-source up --endpoint http://127.0.0.1:${port}`,
  );
}
