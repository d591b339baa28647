/** The compiler's own syntax trees of a folder's source, for checks that must not be fooled by how a line is written. */
import { relative } from 'node:path';
import { API, type Checker } from 'typescript/unstable/sync';
import type { Node, SourceFile } from 'typescript/unstable/ast';

export interface SourceTree {
  /** Relative to the repository. */
  readonly path: string;
  readonly file: SourceFile;
  readonly checker: Checker;
}

/** Every file of the project whose path begins so, tests left out. */
export function withSourceTrees<Found>(root: string, under: string, look: (tree: SourceTree) => readonly Found[]): readonly Found[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: `${root}/tsconfig.json` }).getProjects();
    if (project === undefined) throw new Error(`${root}/tsconfig.json names no project`);
    return project.program.getSourceFileNames().flatMap((name) => {
      const path = relative(root, name);
      if (!path.startsWith(under) || path.endsWith('.test.ts') || path.includes('/testing/')) return [];
      const file = project.program.getSourceFile(name);
      return file === undefined ? [] : look({ path, file, checker: project.checker });
    });
  } finally {
    api.close();
  }
}

export function everyNode(node: Node, see: (node: Node) => void): void {
  see(node);
  node.forEachChild((child) => everyNode(child, see));
}

export function lineOf(file: SourceFile, node: Node): number {
  return file.text.slice(0, node.getStart(file)).split('\n').length;
}
