import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { modelFiles, repository } from './engine-folder.ts';
import { runTool } from './run-tool.ts';
import { success, type Result } from '../../src/std/result.ts';

/** Writes the committed weights in every engine's form. `python` must have numpy and regex, as vLLM's environment has. */
export async function exportModel(python: string): Promise<Result<string, string>> {
  if (existsSync(modelFiles.q8)) return success('the model is exported already');
  mkdirSync(modelFiles.folder, { recursive: true });
  return runTool(python, ['export.py', '--to', modelFiles.folder], { cwd: join(repository, 'models/demo/training'), timeoutMs: 120_000 });
}
