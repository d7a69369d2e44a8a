import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/** Beside the code that it belongs to, so that a build takes it away, and whoever may write there may change the code anyway. */
const FOLDER = join(import.meta.dirname, '.compiled');

/**
 * Makes Node keep what it compiles, for the next start. Takes effect for what is imported after the call. Where the folder can't be
 * written, as in the image, every start compiles anew.
 */
export function reuseCompiledCode(): void {
  enableCompileCache(FOLDER);
}
