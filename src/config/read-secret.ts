import { failure, success, type Result } from '../std/result.ts';
import type { AddressProblem } from './endpoint-address.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

const longestSecret = 8192;

/** Reads what `env:NAME` or `file:PATH` refers to. A failure names the variable or the file, never what it holds. */
export function readSecret(reference: string, around: Pick<ConfigSurroundings, 'env' | 'readFile' | 'resolvePath'>): Result<string, AddressProblem> {
  const [kind, name] = splitReference(reference);
  if (kind === 'env') {
    const value = around.env[name];
    if (value === undefined) return failure({ what: `the environment variable ${name} is not set`, fix: `Set ${name}, or remove the reference.` });
    return usable(value, `the environment variable ${name}`);
  }
  const path = around.resolvePath(name);
  let text: string;
  try {
    text = around.readFile(path);
  } catch {
    return failure({ what: `the file ${path} cannot be read`, fix: 'Create it, make it readable for this user, or correct the path.' });
  }
  return usable(text, `the file ${path}`);
}

function splitReference(reference: string): readonly ['env' | 'file', string] {
  return reference.startsWith('env:') ? ['env', reference.slice(4)] : ['file', reference.slice('file:'.length)];
}

/** A secret goes into a header: visible ASCII alone keeps one from adding headers of its own (RFC 9110 section 5.5). */
function usable(text: string, where: string): Result<string, AddressProblem> {
  const secret = text.trim();
  if (secret === '') return failure({ what: `${where} is empty`, fix: 'Put the key there.' });
  if (secret.length > longestSecret || !/^[\x21-\x7e]+$/.test(secret))
    return failure({ what: `${where} holds no usable key`, fix: 'Put the key alone there: one line of visible ASCII characters.' });
  return success(secret);
}
