/** Confirms a booking as it was read: `changed_meanwhile` where somebody else changed it. */
import { createClient } from '@auzap/client';

const { AUZAP_URL, AUZAP_TOKEN, BOOKING_ID } = process.env as Record<string, string>;

const client = createClient({ url: AUZAP_URL!, token: AUZAP_TOKEN! });
const { etag } = await client.bookings.get(BOOKING_ID!);
const change = { status: 'confirmed', title: 'Haircut' } as const;
const booking = await client.bookings.change(BOOKING_ID!, change, { ifMatch: etag });
console.log(booking.status);
