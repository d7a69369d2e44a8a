import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api } from '../../api/client.ts';
import { randomId } from '../../api/random-id.ts';
import { type Contact, contactName } from '../../contacts/contacts.ts';
import { useMergeContacts } from '../../contacts/change-contact.ts';
import { ContactPicker } from '../../contacts/ContactPicker.tsx';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './ContactPage.module.css';
import { messages } from './messages.ts';

/** Makes one contact of two, once it was seen what comes of it. */
export function MergeDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const textOf = useMergeErrorText();
  const [, go] = useLocation();
  const merge = useMergeContacts();
  const [other, setOther] = useState<Contact | null>(null);
  const [isSwapped, setSwapped] = useState(false);
  const [isChecked, setChecked] = useState(false);
  const [key] = useState(randomId);
  const [stays, joins] = isSwapped ? [other, contact] : [contact, other];

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (stays === null || joins === null || merge.isPending) {
      return;
    }
    merge.mutate(
      { id: stays.id, other: joins.id, key: `${key}-${stays.id}-${joins.id}` },
      {
        onSuccess() {
          toast(t('merged'));
          onClose();
          go(`/contacts/${stays.id}`, { replace: true });
        },
      },
    );
  };
  return (
    <Dialog isOpen isWide onClose={onClose} title={t('mergeTitle')} description={t('mergeLead')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <ContactPicker
          label={t('mergeOther')}
          value={other}
          onChange={setOther}
          except={contact.id}
          error={isChecked && other === null ? t('mergeMissing') : undefined}
        />
        {stays !== null && joins !== null && (
          <>
            <div className={styles.preview}>
              <Side contact={stays} stays />
              <Side contact={joins} />
            </div>
            <p>{t('mergeResult', { name: contactName(stays, contactTexts('unnamed')) })}</p>
          </>
        )}
        {merge.isError && (
          <div role="alert">
            <Notice kind="bad">{textOf(merge.error)}</Notice>
          </div>
        )}
        <div className={styles.actions}>
          {other !== null && (
            <Button icon={<ArrowLeftRight size={20} aria-hidden />} onClick={() => setSwapped(!isSwapped)}>
              {t('swap')}
            </Button>
          )}
          <Button type="submit" look="main" isBusy={merge.isPending}>
            {t('mergeAction')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Side({ contact, stays = false }: { contact: Contact; stays?: boolean }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const format = useFormats();
  const counts = useCounts(contact.id);
  return (
    <div className={styles.side} data-stays={stays}>
      <span className={styles.quiet}>{stays ? t('stays') : t('joins')}</span>
      <strong>{contactName(contact, contactTexts('unnamed'))}</strong>
      {contact.phone_number !== null && <span>{readableNumber(contact.phone_number)}</span>}
      <span>
        {t('lastMessage')}:{' '}
        {contact.last_message_at === null ? t('neverWrote') : format.ago(contact.last_message_at)}
      </span>
      {counts !== undefined && (
        <>
          <span>{t('openBookings', { count: counts.bookings })}</span>
          <span>{t('notesCount', { count: counts.notes })}</span>
        </>
      )}
    </div>
  );
}

/** @returns how many open bookings and notes a contact has; undefined while they are counted */
function useCounts(contactId: string) {
  const organizationId = useOrganizationId();
  return useQuery({
    queryKey: [organizationId, 'contacts', 'counts', contactId],
    queryFn: async () => {
      const query = { organization_id: organizationId, contact_id: contactId, limit: 100 };
      const [{ bookings }, { notes }] = await Promise.all([
        answerOf(api.GET('/api/bookings', { params: { query: { ...query, status: 'pending' } } })),
        answerOf(api.GET('/api/notes', { params: { query } })),
      ]);
      return { bookings: bookings.length, notes: notes.length };
    },
  }).data;
}

function useMergeErrorText(): (error: unknown) => string {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return (error) => {
    if (error instanceof ApiError && error.code === 'already_one_contact') {
      return t('alreadyOne');
    }
    return error instanceof ApiError && error.code === 'contact_being_erased'
      ? t('beingErased')
      : textOf(error);
  };
}
