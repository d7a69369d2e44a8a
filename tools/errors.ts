/** `npm run errors` writes the page of all error codes from their catalogue; a unit test compares. */
import { writeFile } from 'node:fs/promises';
import { errorDocs } from './error-docs.js';

await writeFile(`${import.meta.dirname}/../docs/errors.md`, await errorDocs());
