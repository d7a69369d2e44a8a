import { Dialog } from '../../../ui/Dialog.tsx';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useContact } from '../data/thread.ts';
import { messages } from '../messages.ts';
import { AboutContact } from './AboutContact.tsx';
import styles from './Side.module.css';

interface SidePanelProps {
  contactId: string;
  /** Where there is no room for it beside the conversation. */
  isOpen: boolean;
  onClose: () => void;
}

/** What is known of the contact, beside the conversation, or over it where there is no room. */
export function SidePanel({ contactId, isOpen, onClose }: SidePanelProps) {
  const t = useMessages(messages);
  const { data: contact } = useContact(contactId);
  const about = contact && <AboutContact contact={contact} />;
  return (
    <>
      <aside className={styles.side} aria-label={t('bookings')}>
        <h2 className={styles.title}>{t('bookings')}</h2>
        {about}
      </aside>
      <Dialog isOpen={isOpen} onClose={onClose} title={t('bookings')}>
        {about}
      </Dialog>
    </>
  );
}
