/** Uploads a file as it is read, shows how far that is, and sends it. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, INSTANCE_ID, TO, TEXT, FILE, KEY } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
const media = await client.media.upload(await openAsBlob(FILE!), {
  fileName: basename(FILE!),
  onProgress: (sent, total) => console.error(`${sent} of ${total} bytes`),
});
const sent = await client.messages.send(
  INSTANCE_ID!,
  { to: TO!, type: 'document', media: { id: media.id }, file_name: basename(FILE!), caption: TEXT! },
  { idempotencyKey: KEY! },
);
console.log(sent.message_id);
