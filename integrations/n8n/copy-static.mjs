import { cpSync } from 'node:fs';

/** What n8n reads beside the compiled code: icons, and how nodes are found in its catalogue. */
cpSync('icons', 'dist/icons', { recursive: true });
for (const name of ['Auzap', 'AuzapTrigger']) {
  cpSync(`nodes/${name}/${name}.node.json`, `dist/nodes/${name}/${name}.node.json`);
}
