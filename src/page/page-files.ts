import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** Where `npm run build` puts the page, seen from `src/` as from `dist/`. */
export const PAGE_FOLDER = join(import.meta.dirname, '../../dist/console');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** How a file is packed, the smallest first. */
export const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

export type Encoding = (typeof ENCODINGS)[number][0] | 'identity';

/** A file of the page. */
export interface PageFile {
  type: string;
  /** Names its content. */
  hash: string;
  /** Its name has a hash of its content, so that whatever is under this name stays as it is. */
  isHashed: boolean;
  bytes: Readonly<Partial<Record<Encoding, Buffer>>> & { identity: Buffer };
}

/**
 * Reads the page into memory, where it takes a few megabytes: what is not read here can not be asked for, whatever a path says.
 * @returns the files by their path, such as `/assets/index-4f2a.js`; empty where the page is not built
 */
export function readPageFiles(folder: string = PAGE_FOLDER): ReadonlyMap<string, PageFile> {
  const names = namesIn(folder).filter((name) => extname(name) in TYPES && !name.startsWith('.'));
  return new Map(names.map((name) => [`/${name}`, readFile(folder, name)]));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

function readFile(folder: string, name: string): PageFile {
  const identity = readFileSync(join(folder, name));
  const packed = ENCODINGS.flatMap(([encoding, ending]) => {
    const bytes = readIfThere(join(folder, name + ending));
    return bytes === undefined ? [] : [[encoding, bytes]];
  });
  return {
    type: TYPES[extname(name)]!,
    hash: hashOf(identity),
    isHashed: name.startsWith('assets/'),
    bytes: { identity, ...Object.fromEntries(packed) },
  };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** @returns names content, for an `ETag` */
export function hashOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64url');
}
