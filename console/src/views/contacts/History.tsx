import { ArrowDownLeft, ArrowUpRight, CalendarDays, StickyNote } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { bookingName } from '../../bookings/booking.ts';
import { BookingStatusBadge } from '../../bookings/BookingStatusBadge.tsx';
import { messages as bookingMessages } from '../../bookings/messages.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Card } from '../../ui/Page.tsx';
import { Failed, Loading } from '../../ui/States.tsx';
import { type HistoryItem, type HistoryKind, type Message, useHistory } from './history.ts';
import styles from './History.module.css';
import { messages } from './messages.ts';
import { NoteEntry } from './NoteEntry.tsx';

/** What happened with a contact: messages, bookings and notes, the newest first. */
export function History({ contactId }: { contactId: string }) {
  const t = useMessages(messages);
  const [shown, setShown] = useState<HistoryKind | 'all'>('all');
  const history = useHistory(contactId, shown);
  return (
    <Card className={styles.history}>
      <div className={styles.head}>
        <h2>{t('history')}</h2>
        <Choice
          label={t('show')}
          value={shown}
          options={[
            ['all', t('all')],
            ['message', t('messages')],
            ['booking', t('bookings')],
            ['note', t('notes')],
          ]}
          onChange={setShown}
        />
      </div>
      {history.error !== undefined && history.error !== null ? (
        <Failed error={history.error} onRetry={history.retry} />
      ) : history.isLoading ? (
        <Loading />
      ) : history.items.length === 0 ? (
        <p className={styles.quiet}>{t('nothing')}</p>
      ) : (
        <ol className={styles.items}>
          {history.items.map((item) => (
            <li key={item.id} className={styles.item} data-kind={item.kind}>
              <Entry item={item} />
            </li>
          ))}
        </ol>
      )}
      {history.hasMore && !history.isLoading && (
        <Button isBusy={history.isReadingMore} onClick={history.readMore}>
          {t('older')}
        </Button>
      )}
    </Card>
  );
}

function Entry({ item }: { item: HistoryItem }) {
  const t = useMessages(messages);
  const bookingTexts = useMessages(bookingMessages);
  const format = useFormats();
  switch (item.kind) {
    case 'message': {
      const isTheirs = item.message.direction === 'inbound';
      const Arrow = isTheirs ? ArrowDownLeft : ArrowUpRight;
      return (
        <>
          <Arrow size={20} aria-label={isTheirs ? t('fromContact') : t('fromUs')} role="img" />
          <div className={styles.body}>
            <MessageText message={item.message} />
            <time dateTime={item.message.sent_at} className={styles.time}>
              {format.dateTime(item.message.sent_at)}
            </time>
          </div>
        </>
      );
    }
    case 'booking':
      return (
        <>
          <CalendarDays size={20} aria-label={bookingTexts('booking')} role="img" />
          <div className={styles.body}>
            <div className={styles.line}>
              <Link href={`/bookings?booking=${item.id}`}>
                {bookingName(item.booking) ?? bookingTexts('untitled')}
              </Link>
              <BookingStatusBadge status={item.booking.status} />
            </div>
            {item.booking.starts_at !== null && (
              <p>{format.meeting(item.booking.starts_at, item.booking.ends_at)}</p>
            )}
            <time dateTime={item.at} className={styles.time}>
              {format.dateTime(item.at)}
            </time>
          </div>
        </>
      );
    case 'note':
      return (
        <>
          <StickyNote size={20} aria-label={t('note')} role="img" />
          <NoteEntry note={item.note} />
        </>
      );
  }
}

function MessageText({ message: { content, deleted_at: deletedAt, type } }: { message: Message }) {
  const t = useMessages(messages);
  if (deletedAt !== null) {
    return <p className={styles.quiet}>{t('deleted')}</p>;
  }
  return content === '' ? (
    <p className={styles.quiet}>{t('withoutText', { type })}</p>
  ) : (
    <p className={styles.text}>{content}</p>
  );
}
