/** Receives events by polls that wait, and goes on where it was when it is started again. `receive-events.ts` needs no polls. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, CURSOR_FILE } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
let after = existsSync(CURSOR_FILE!) ? Number(readFileSync(CURSOR_FILE!, 'utf8')) : 0;
for (;;) {
  const { data } = await client.GET('/api/events', { params: { query: { after, wait: 60 } } });
  for (const { name, payload } of data.events) {
    // Of a person who was erased only the place in the list is left.
    if (name === 'whatsapp:message' && !('erased' in payload)) {
      console.log(payload['from'], payload['text']);
    }
  }
  after = data.last_sequence;
  writeFileSync(CURSOR_FILE!, String(after));
}
