/** Goes through a conversation, the newest first, page after page. */
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, CONTACT_ID } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
for await (const message of client.messages.list({ contact_id: CONTACT_ID!, limit: 2 })) {
  console.log(message.direction, message.content);
}
