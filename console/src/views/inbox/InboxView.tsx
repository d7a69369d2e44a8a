import { MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import { useRoute } from 'wouter';
import { useLiveBookings } from '../../bookings/booking-list.ts';
import { useLiveContacts } from '../../contacts/contacts.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/States.tsx';
import styles from './Inbox.module.css';
import { ConversationColumn } from './list/ConversationColumn.tsx';
import { messages } from './messages.ts';
import { SidePanel } from './side/SidePanel.tsx';
import { ThreadColumn } from './thread/ThreadColumn.tsx';

/** Conversations, the one that is open, and what is known of whom it is with. */
export function InboxView() {
  const t = useMessages(messages);
  const [, params] = useRoute('/inbox/:contactId');
  const contactId = params?.contactId;
  const [isPanelOpen, setPanelOpen] = useState(false);
  useLiveBookings();
  useLiveContacts();
  return (
    <Page title={t('title')} isFull>
      <div
        className={`${styles.columns} ${contactId === undefined ? '' : styles.opened}`}
        data-covers={contactId !== undefined}
      >
        <ConversationColumn contactId={contactId} />
        {contactId === undefined ? (
          <div className={styles.nothing}>
            <Empty icon={<MessagesSquare size={32} aria-hidden />} title={t('choose')}>
              {t('chooseText')}
            </Empty>
          </div>
        ) : (
          <>
            <ThreadColumn key={contactId} contactId={contactId} onOpenPanel={() => setPanelOpen(true)} />
            <SidePanel
              key={`about ${contactId}`}
              contactId={contactId}
              isOpen={isPanelOpen}
              onClose={() => setPanelOpen(false)}
            />
          </>
        )}
      </div>
    </Page>
  );
}
