import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Texts that are unlike anything else, so that one found anywhere is a leak. None has a form that keys usually have. */
export const canaries = {
  /** The operator's key for an endpoint. */
  upstreamKey: 'Upst7Canary7Zq9Key7Wm3',
  /** A client's key. */
  clientKey: 'Clnt7Canary7Xk2Key7Rv8',
  /** What a client asked. */
  prompt: 'Prmt7Canary7Lp4Text7Hd6',
  /** What an endpoint answered. */
  answer: 'Answ7Canary7Tb5Text7Jf1',
} as const;

/** Every file below a folder that holds one of these texts, in any of the usual codings. */
export function filesHolding(folder: string, texts: readonly string[]): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const status = statSync(path);
    if (status.isDirectory()) return filesHolding(path, texts);
    if (!status.isFile()) return [];
    const bytes = readFileSync(path);
    return textsIn(bytes, texts).map((text) => `${path}: ${text}`);
  });
}

export function textsIn(given: Buffer | string, texts: readonly string[]): readonly string[] {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given;
  return texts.filter((text) =>
    [text, Buffer.from(text).toString('base64').slice(0, -4), Buffer.from(text).toString('hex'), encodeURIComponent(text)].some((form) =>
      bytes.includes(form),
    ),
  );
}
