import { whenOpened } from '../ui/when-opened.ts';

/** The windows of bookings, for views that open them now and then. */
export const NewBooking = whenOpened(async () => (await import('./NewBooking.tsx')).NewBooking);
export const EditBooking = whenOpened(async () => (await import('./EditBooking.tsx')).EditBooking);
export const CancelBooking = whenOpened(async () => (await import('./CancelBooking.tsx')).CancelBooking);
