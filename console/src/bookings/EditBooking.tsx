import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { Link } from 'wouter';
import { ApiError } from '../api/api-error.ts';
import { isChangedMeanwhile } from '../api/versions.ts';
import { contactName, useContact } from '../contacts/contacts.ts';
import { messages as contactMessages } from '../contacts/messages.ts';
import { useFormats } from '../i18n/formats.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useCaller, useOrganizationId } from '../session/caller.ts';
import { Button } from '../ui/Button.tsx';
import { ConflictChoice } from '../ui/ConflictChoice.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { showFaults } from '../ui/focus-fault.ts';
import { Failed, Loading, Notice } from '../ui/States.tsx';
import { toast } from '../ui/Toasts.tsx';
import { type Booking, bookingName } from './booking.ts';
import { changesOf, draftOf, timeFault } from './booking-draft.ts';
import { useBookingErrorText } from './booking-error.ts';
import { BookingFields } from './BookingFields.tsx';
import { bookingQuery } from './booking-list.ts';
import styles from './Bookings.module.css';
import { BookingStatusBadge } from './BookingStatusBadge.tsx';
import { useChangeBooking } from './change-booking.ts';
import { messages } from './messages.ts';
import { StatusButtons } from './StatusButtons.tsx';

/** One booking in a window over the page: to read, and for who may, to change. */
export function EditBooking({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useMessages(messages);
  const organizationId = useOrganizationId();
  // As it is now, not as a list had it: what is saved is saved over what was seen.
  const found = useQuery({ ...bookingQuery(organizationId, id), staleTime: 0 });
  const { may } = useCaller();
  return (
    <Dialog isOpen onClose={onClose} title={may('send') ? t('editBooking') : t('booking')}>
      {found.error instanceof ApiError && found.error.code === 'booking_not_found' ? (
        <p>{t('gone')}</p>
      ) : found.isError && found.data === undefined ? (
        <Failed error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data === undefined ? (
        <Loading />
      ) : (
        <Facts
          booking={found.data.answer.booking}
          version={found.data.version}
          onClose={onClose}
          isReadOnly={!may('send')}
        />
      )}
    </Dialog>
  );
}

interface FactsProps {
  booking: Booking;
  version: string;
  isReadOnly: boolean;
  onClose: () => void;
}

function Facts({ booking, version, isReadOnly, onClose }: FactsProps) {
  const format = useFormats();
  const t = useMessages(messages);
  return (
    <div className={styles.form}>
      <div className={styles.head}>
        <ContactLink id={booking.contact_id} />
        <BookingStatusBadge status={booking.status} />
      </div>
      {isReadOnly ? (
        <>
          <h3>{bookingName(booking) ?? t('untitled')}</h3>
          {booking.starts_at !== null && <p>{format.meeting(booking.starts_at, booking.ends_at)}</p>}
          {booking.notes !== null && <p className={styles.notes}>{booking.notes}</p>}
        </>
      ) : (
        <>
          <StatusButtons booking={booking} onMoved={onClose} />
          <EditForm booking={booking} version={version} onClose={onClose} />
        </>
      )}
    </div>
  );
}

function ContactLink({ id }: { id: string }) {
  const t = useMessages(contactMessages);
  const { data } = useContact(id);
  return (
    <Link href={`/contacts/${id}`} className={styles.who}>
      {data === undefined ? '…' : contactName(data.contact, t('unnamed'))}
    </Link>
  );
}

/** What is written is kept when somebody else changes the booking meanwhile; whose words hold is the person's to say. */
function EditForm({ booking, version, onClose }: Omit<FactsProps, 'isReadOnly'>) {
  const t = useMessages(messages);
  const textOf = useBookingErrorText();
  const change = useChangeBooking();
  const [base, setBase] = useState({ booking, version });
  const [draft, setDraft] = useState(() => draftOf(booking));
  const [isChecked, setChecked] = useState(false);
  const before = draftOf(base.booking);
  const changes = changesOf(draft, before);
  const isConflict = isChangedMeanwhile(change.error);
  // What somebody else made of it is on its way.
  const isReading = isConflict && base.version === version;
  // Nobody wrote anything yet: what somebody else changed is simply shown.
  if (base.version !== version && Object.keys(changes).length === 0) {
    setBase({ booking, version });
    setDraft(draftOf(booking));
  }

  const form = useRef<HTMLFormElement>(null);
  const save = (over: string) => {
    showFaults(form.current!, () => setChecked(true));
    if (timeFault(draft) !== undefined || change.isPending) {
      return;
    }
    if (Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    change.mutate(
      { id: booking.id, change: changes, version: over },
      {
        onSuccess() {
          toast(t('saved'));
          onClose();
        },
      },
    );
  };
  const takeTheirs = () => {
    setBase({ booking, version });
    setDraft(draftOf(booking));
    change.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(base.version);
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate>
      <BookingFields
        draft={draft}
        onChange={setDraft}
        isChecked={isChecked}
        formerService={booking.service ?? undefined}
      />
      {isConflict ? (
        <ConflictChoice
          isReading={isReading}
          isSaving={change.isPending}
          onTakeTheirs={takeTheirs}
          onKeepMine={() => save(version)}
        >
          {t('changedWhileEditing')}
        </ConflictChoice>
      ) : (
        <>
          {change.isError && (
            <div role="alert">
              <Notice kind="bad">{textOf(change.error)}</Notice>
            </div>
          )}
          <Button type="submit" look="main" isLarge isBusy={change.isPending}>
            {t('save')}
          </Button>
        </>
      )}
    </form>
  );
}
