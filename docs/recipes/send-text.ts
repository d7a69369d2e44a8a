/** Sends a text once: asked again under the same key, it is answered from what is stored. */
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, INSTANCE_ID, TO, TEXT, KEY } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
const sent = await client.messages.send(INSTANCE_ID!, { to: TO!, message: TEXT! }, { idempotencyKey: KEY! });
console.log(sent.message_id);
