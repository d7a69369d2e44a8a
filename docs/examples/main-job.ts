import { createClient } from '@auzap/client';

/** Where to work, and whose number to link. */
export interface MainJob {
  url: string;
  token: string;
  organizationId: string;
  phoneNumber: string;
  /** Shows the code that the owner types on the phone: Linked devices, Link with phone number. */
  showCode: (code: string) => void;
}

/** Links a number, waits for a customer's message, confirms the booking that it opened, and answers. */
export async function mainJob({ url, token, organizationId, phoneNumber, showCode }: MainJob) {
  const client = createClient({ url, token, organizationId });
  const events = client.events();
  await events.ready();

  const instance = await client.instances.create({
    instance_name: 'Reception',
    phone_number: phoneNumber,
  });
  const { pairingCode } = await client.instances.connect(instance.id, { method: 'code' });
  showCode(pairingCode!);

  for await (const event of events) {
    if (event.name === 'whatsapp:message' && event.payload.bookingId !== undefined) {
      const { bookingId, from, messageId } = event.payload;
      const booking = await client.bookings.change(bookingId, { title: 'Haircut', status: 'confirmed' });
      // Under this key a customer's message is answered once, also where this program dies here and begins again.
      const answer = { to: from, message: 'Confirmed: see you then!' };
      const sent = await client.messages.send(instance.id, answer, { idempotencyKey: messageId });
      return { instanceId: instance.id, booking, sent };
    }
  }
  throw new Error('The events ended before anybody wrote.');
}
