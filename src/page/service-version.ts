import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of this service, as its package says it. */
export const SERVICE_VERSION: string = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
).version;
