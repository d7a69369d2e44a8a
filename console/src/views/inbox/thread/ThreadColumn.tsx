import { ArrowLeft, CalendarClock, Upload } from 'lucide-react';
import { type DragEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { ApiError } from '../../../api/api-error.ts';
import { readableNumber } from '../../../i18n/formats.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useCaller } from '../../../session/caller.ts';
import { ButtonLink, IconButton } from '../../../ui/Button.tsx';
import { Empty, Failed, Loading } from '../../../ui/States.tsx';
import { Avatar } from '../../../contacts/Avatar.tsx';
import { Composer } from '../composer/Composer.tsx';
import type { Attachment } from '../composer/attachments.ts';
import { attachmentsOf } from '../composer/attachments.ts';
import { nameOf } from '../contact-name.ts';
import { useActivity } from '../data/activity.ts';
import type { Message } from '../data/conversations.ts';
import { outbox, useOutgoing } from '../data/outbox.ts';
import { useReadMark } from '../data/read-mark.ts';
import { useContact, useThread } from '../data/thread.ts';
import { messages } from '../messages.ts';
import { Colleagues } from './Colleagues.tsx';
import { notShownYet, rowsOf } from './rows.ts';
import styles from './Thread.module.css';
import { Timeline } from './Timeline.tsx';

interface ThreadColumnProps {
  contactId: string;
  onOpenPanel: () => void;
}

/** The conversation with a contact: what was written, and where one writes. Files can be dropped on it. */
export function ThreadColumn({ contactId, onOpenPanel }: ThreadColumnProps) {
  const t = useMessages(messages);
  const { may } = useCaller();
  const contact = useContact(contactId);
  const thread = useThread(contactId);
  const outgoing = useOutgoing(contactId);
  const [replyTo, setReplyTo] = useState<Message>();
  const [attachments, setAttachments] = useState<readonly Attachment[]>([]);
  const [isAtEnd, setAtEnd] = useState(true);
  const [isWriting, setWriting] = useState(false);
  const colleagues = useActivity(contactId, isWriting);
  const [isDropping, setDropping] = useState(false);
  const [search] = useSearchParams();
  const heading = useRef<HTMLHeadingElement>(null);
  const waiting = useMemo(
    () => notShownYet(outgoing, thread.messages, thread.notes),
    [outgoing, thread.messages, thread.notes],
  );
  const rows = useMemo(
    () => (thread.entries === undefined ? undefined : rowsOf(thread.entries, waiting)),
    [thread.entries, waiting],
  );
  useReadMark(contactId, thread.messages, isAtEnd && may('send'));
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const shown = outgoing.filter((one) => one.state === 'stored' && !waiting.includes(one));
    outbox.drop(shown.map(({ key }) => key));
  }, [outgoing, waiting]);

  if (contact.error instanceof ApiError && contact.error.status === 404) {
    return (
      <section className={styles.thread} aria-label={t('conversation')}>
        <Empty title={t('noContact')} action={<ButtonLink to="/inbox">{t('back')}</ButtonLink>} />
      </section>
    );
  }
  const name = contact.data === undefined ? '…' : nameOf(contact.data);
  const phone = contact.data?.phone_number ?? null;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    setAttachments((before) => [...before, ...attachmentsOf([...event.dataTransfer.files])]);
  };
  const accepts = (event: DragEvent) => may('send') && event.dataTransfer.types.includes('Files');
  return (
    // Whoever drops no files attaches them by a button.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className={styles.thread}
      aria-label={t('conversation')}
      onDragOver={(event) => {
        if (accepts(event)) {
          event.preventDefault();
          setDropping(true);
        }
      }}
      onDragLeave={(event) =>
        event.currentTarget.contains(event.relatedTarget as Node | null) || setDropping(false)
      }
      onDrop={(event) => (accepts(event) ? drop(event) : undefined)}
    >
      <header className={styles.head}>
        <span className={styles.backward}>
          <ButtonLink to="/inbox" look="quiet" icon={<ArrowLeft size={20} aria-hidden />}>
            <span className="visually-hidden">{t('back')}</span>
          </ButtonLink>
        </span>
        <Avatar name={name} />
        <div className={styles.with}>
          <h2 ref={heading} tabIndex={-1} dir="auto">
            {name}
          </h2>
          {phone !== null && colleagues.length === 0 && (
            <p className={styles.muted}>{readableNumber(phone)}</p>
          )}
          <Colleagues colleagues={colleagues} />
        </div>
        <span className={styles.about}>
          <IconButton label={t('about', { name })} onClick={onOpenPanel}>
            <CalendarClock size={22} aria-hidden />
          </IconButton>
        </span>
      </header>
      {rows === undefined ? (
        thread.error !== null && thread.error !== undefined ? (
          <Failed error={thread.error} onRetry={thread.retry} />
        ) : (
          <Loading />
        )
      ) : (
        <Timeline
          rows={rows}
          name={name}
          contactId={contactId}
          hasOlder={thread.hasOlder}
          isReadingOlder={thread.isReadingOlder}
          onOlder={thread.readOlder}
          targetId={search.get('message') ?? undefined}
          onReply={setReplyTo}
          onAtEnd={setAtEnd}
        />
      )}
      {may('send') ? (
        contact.data !== undefined && (
          <Composer
            contact={contact.data}
            newest={thread.messages[0]}
            newestNote={thread.notes[0]}
            attachments={attachments}
            onAttachments={setAttachments}
            replyTo={replyTo}
            onNoReply={() => setReplyTo(undefined)}
            onWriting={setWriting}
          />
        )
      ) : (
        <p className={styles.readOnly}>{t('readOnly')}</p>
      )}
      {isDropping && (
        <div className={styles.drop} aria-hidden>
          <Upload size={40} />
          {t('dropHere')}
        </div>
      )}
    </section>
  );
}
