import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** By request path. Read once: the page is small, and a request path never touches the disk. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Security requirement S30: everything from this origin, nothing inline, nobody frames it, and no text becomes markup. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Reads the built page from a folder; an absent folder gives no files, and `/` then says that it is not built. */
export function readPageFiles(folder: string): PageFiles {
  const files = new Map<string, PageFile>();
  if (existsSync(folder)) addFolder(files, folder, '');
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}

function addFolder(files: Map<string, PageFile>, folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) addFolder(files, path, `${prefix}/${name}`);
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const bytes = readFileSync(path);
    files.set(`${prefix}/${name}`, {
      bytes,
      headers: {
        'content-type': contentType,
        'content-length': String(bytes.length),
        etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
        // Vite puts a hash of the content into the names under /assets; only those may be kept without asking.
        'cache-control': prefix.startsWith('/assets') ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
    });
  }
}
