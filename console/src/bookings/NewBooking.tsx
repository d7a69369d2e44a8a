import { type FormEvent, useRef, useState } from 'react';
import { randomId } from '../api/random-id.ts';
import { type Contact, contactName } from '../contacts/contacts.ts';
import { ContactPicker } from '../contacts/ContactPicker.tsx';
import { messages as contactMessages } from '../contacts/messages.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { showFaults } from '../ui/focus-fault.ts';
import { Notice } from '../ui/States.tsx';
import { toast } from '../ui/Toasts.tsx';
import type { Booking } from './booking.ts';
import { type BookingDraft, changesOf, EMPTY_DRAFT, timeFault } from './booking-draft.ts';
import { useBookingErrorText } from './booking-error.ts';
import { BookingFields } from './BookingFields.tsx';
import styles from './Bookings.module.css';
import { useCreateBooking } from './change-booking.ts';
import { messages } from './messages.ts';

interface NewBookingProps {
  onClose: () => void;
  /** Whom it is for, where that is known, as it is from a message; somebody is chosen otherwise. */
  contact?: Contact;
  /** What is known of it already. */
  initial?: Partial<BookingDraft>;
  onCreated?: (booking: Booking) => void;
}

/** Makes a booking, in a window over the page. */
export function NewBooking({ onClose, contact, initial, onCreated }: NewBookingProps) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const textOf = useBookingErrorText();
  const create = useCreateBooking();
  const keyOf = useKeyOf();
  const [chosen, setChosen] = useState<Contact | null>(contact ?? null);
  const [draft, setDraft] = useState<BookingDraft>({ ...EMPTY_DRAFT, ...initial });
  const [isConfirmed, setConfirmed] = useState(false);
  const [isChecked, setChecked] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    showFaults(event.currentTarget, () => setChecked(true));
    if (chosen === null || timeFault(draft) !== undefined || create.isPending) {
      return;
    }
    const body = {
      contact_id: chosen.id,
      ...changesOf(draft, EMPTY_DRAFT),
      ...(isConfirmed && { status: 'confirmed' as const }),
    };
    create.mutate(
      { body, key: keyOf(body) },
      {
        onSuccess(booking) {
          toast(t('created'));
          onCreated?.(booking);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('newBooking')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        {contact === undefined ? (
          <ContactPicker
            value={chosen}
            onChange={setChosen}
            error={isChecked && chosen === null ? t('contactMissing') : undefined}
          />
        ) : (
          <p className={styles.who}>{contactName(contact, contactTexts('unnamed'))}</p>
        )}
        <BookingFields draft={draft} onChange={setDraft} isChecked={isChecked} />
        <Checkbox isChecked={isConfirmed} onChange={setConfirmed}>
          {t('confirmNow')}
        </Checkbox>
        {create.isError && (
          <div role="alert">
            <Notice kind="bad">{textOf(create.error)}</Notice>
          </div>
        )}
        <Button type="submit" look="main" isLarge isBusy={create.isPending}>
          {t('create')}
        </Button>
      </form>
    </Dialog>
  );
}

/** @returns gives the same name to the same words, so that what is sent again after a lost answer is made once */
function useKeyOf(): (body: object) => string {
  const last = useRef({ words: '', key: '' });
  return (body) => {
    const words = JSON.stringify(body);
    if (last.current.words !== words) {
      last.current = { words, key: randomId() };
    }
    return last.current.key;
  };
}
