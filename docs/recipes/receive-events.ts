/** Receives events over Socket.IO, and goes on where it was when it is started again; the client looks after lost lines. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, CURSOR_FILE } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
const cursor = {
  load: () => (existsSync(CURSOR_FILE!) ? Number(readFileSync(CURSOR_FILE!, 'utf8')) : 0),
  save: (sequence: number) => writeFileSync(CURSOR_FILE!, String(sequence)),
};
for await (const event of client.events({ cursor })) {
  if (event.name === 'whatsapp:message') {
    console.log(event.payload.from, event.payload.text);
  }
}
