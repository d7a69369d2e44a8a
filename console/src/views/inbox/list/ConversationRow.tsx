import { CalendarClock } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useOrganizationId } from '../../../session/caller.ts';
import { Avatar } from '../../../contacts/Avatar.tsx';
import { nameOf } from '../contact-name.ts';
import { useSummary } from '../content/use-summary.ts';
import type { Conversation } from '../data/conversations.ts';
import { draftOf } from '../data/kept-texts.ts';
import { messages } from '../messages.ts';
import { Ticks } from '../thread/Ticks.tsx';
import { useMoments } from '../use-moments.ts';
import styles from './Conversations.module.css';

interface ConversationRowProps {
  conversation: Conversation;
  isCurrent: boolean;
}

/** One conversation: with whom, what was written last and when, and how much of it nobody has read. */
export const ConversationRow = memo(function ConversationRow({
  conversation,
  isCurrent,
}: ConversationRowProps) {
  const t = useMessages(messages);
  const { short } = useMoments();
  const summaryOf = useSummary();
  const organizationId = useOrganizationId();
  const { contact, last_message: last, unread_count: unread, open_booking: booking } = conversation;
  const draft = isCurrent ? '' : draftOf(organizationId, contact.id);
  return (
    <Link
      href={`/inbox/${contact.id}`}
      className={styles.row}
      aria-current={isCurrent ? 'true' : undefined}
      draggable={false}
    >
      <Avatar name={nameOf(contact)} />
      <span className={styles.who}>
        <span className={`${styles.name} ${unread > 0 ? styles.strong : ''}`}>{nameOf(contact)}</span>
        <span className={styles.last}>
          {draft === '' ? (
            <>
              {last.direction === 'outbound' && <Ticks message={last} />}
              <span className={styles.cut}>{summaryOf(last)}</span>
            </>
          ) : (
            <span className={styles.cut}>
              <b className={styles.draft}>{t('draft')}</b> {draft}
            </span>
          )}
        </span>
      </span>
      <span className={styles.signs}>
        <time className={styles.time} dateTime={last.sent_at}>
          {short(last.sent_at)}
        </time>
        <span className={styles.marks}>
          {booking !== null && (
            <span className={styles.booking} title={t('openBooking')}>
              <CalendarClock size={16} aria-hidden />
              <span className="visually-hidden">{t('openBooking')}</span>
            </span>
          )}
          {unread > 0 && (
            <span className={styles.unread}>
              <span aria-hidden>{unread > 999 ? '999+' : unread}</span>
              <span className="visually-hidden">{t('unread', { count: unread })}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
});
