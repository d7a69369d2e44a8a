/** `npm run asyncapi` writes the document of events, and its page, from the types that the code uses; with `--check` it only compares. */
import { readFile, writeFile } from 'node:fs/promises';
import { openApiText } from '../src/http/openapi-text.js';
import { asyncApiDocument } from './asyncapi-document.js';
import { eventsPage } from './events-page.js';

const document = asyncApiDocument();
const texts = { 'asyncapi.json': openApiText(document), 'asyncapi.html': eventsPage(document) };
for (const [target, text] of Object.entries(texts)) {
  if (!process.argv.includes('--check')) {
    await writeFile(target, text);
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`${target} is not what the code says: run npm run asyncapi and commit it.\n`);
    process.exitCode = 1;
  }
}
