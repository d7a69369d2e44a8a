import { Download, EllipsisVertical, Merge, MessageCircle, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { useViews } from '../../app/views.ts';
import { useLiveBookings } from '../../bookings/booking-list.ts';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { NewBooking } from '../../bookings/windows.ts';
import { type Contact, contactName, useContact } from '../../contacts/contacts.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button, ButtonLink, IconButton } from '../../ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/Menu.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { Empty, Failed, Loading } from '../../ui/States.tsx';
import styles from './ContactPage.module.css';
import { EraseDialog } from './EraseDialog.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { History } from './History.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import { Merges } from './Merges.tsx';
import { messages } from './messages.ts';
import { NoteForm } from './NoteForm.tsx';
import { RenameDialog } from './RenameDialog.tsx';

type Doing = 'rename' | 'merge' | 'export' | 'erase' | 'book';

/** Everything about one contact, and what can be done with it. */
export function ContactPage({ id }: { id: string }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const { may } = useCaller();
  const [doing, setDoing] = useState<Doing>();
  const stop = () => setDoing(undefined);
  const found = useContact(id);
  useLiveBookings();
  const contact = found.data?.contact;
  const name = contact && contactName(contact, contactTexts('unnamed'));
  const isGone = found.error instanceof ApiError && found.error.code === 'contact_not_found';
  return (
    <Page
      title={name ?? t('title')}
      back={{ to: '/contacts', label: t('back') }}
      actions={contact !== undefined && <Actions contact={contact} name={name!} onAction={setDoing} />}
    >
      {isGone && doing !== 'erase' ? (
        <Empty title={t('notFound')}>{t('notFoundText')}</Empty>
      ) : found.isError && found.data === undefined ? (
        <Failed error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data === undefined ? (
        <Loading />
      ) : (
        <>
          <Facts contact={found.data.contact} />
          <Merges contact={found.data.contact} merges={found.data.merges} />
          {may('send') && <NoteForm contactId={found.data.contact.id} />}
          <History contactId={found.data.contact.id} />
        </>
      )}
      {contact !== undefined && (
        <>
          {doing === 'rename' && <RenameDialog contact={contact} onClose={stop} />}
          {doing === 'merge' && <MergeDialog contact={contact} onClose={stop} />}
          {doing === 'export' && <ExportDialog contact={contact} name={name!} onClose={stop} />}
          {doing === 'erase' && <EraseDialog contact={contact} name={name!} onClose={stop} />}
          {doing === 'book' && <NewBooking contact={contact} onClose={stop} />}
        </>
      )}
    </Page>
  );
}

interface ActionsProps {
  contact: Contact;
  name: string;
  onAction: (what: Doing) => void;
}

function Actions({ contact, name, onAction }: ActionsProps) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const { may } = useCaller();
  const hasInbox = useViews().some(({ path }) => path === '/inbox');
  return (
    <>
      {hasInbox && (
        <ButtonLink to={`/inbox/${contact.id}`} icon={<MessageCircle size={20} aria-hidden />}>
          {t('conversation')}
        </ButtonLink>
      )}
      {may('send') && <Button onClick={() => onAction('book')}>{bookingTexts('newBooking')}</Button>}
      {may('send') && (
        <Menu
          trigger={
            <IconButton label={t('more', { name })}>
              <EllipsisVertical size={22} aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<Pencil size={20} aria-hidden />} onClick={() => onAction('rename')}>
            {t('rename')}
          </MenuItem>
          <MenuItem icon={<Merge size={20} aria-hidden />} onClick={() => onAction('merge')}>
            {t('merge')}
          </MenuItem>
          {may('manage') && (
            <>
              <MenuLine />
              <MenuItem icon={<Download size={20} aria-hidden />} onClick={() => onAction('export')}>
                {t('export')}
              </MenuItem>
              <MenuItem icon={<Trash2 size={20} aria-hidden />} isDangerous onClick={() => onAction('erase')}>
                {t('erase')}
              </MenuItem>
            </>
          )}
        </Menu>
      )}
    </>
  );
}

function Facts({ contact }: { contact: Contact }) {
  const t = useMessages(messages);
  const format = useFormats();
  const { phone_number: phone, last_message_at: last, created_at: since } = contact;
  return (
    <Card>
      <dl className={styles.facts}>
        <div>
          <dt>{t('phone')}</dt>
          <dd>{phone === null ? t('noPhone') : readableNumber(phone)}</dd>
        </div>
        <div>
          <dt>{t('lastMessage')}</dt>
          <dd>{last === null ? t('neverWrote') : format.ago(last)}</dd>
        </div>
        <div>
          <dt>{t('since')}</dt>
          <dd>{format.date(since)}</dd>
        </div>
      </dl>
    </Card>
  );
}
