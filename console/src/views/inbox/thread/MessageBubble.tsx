import { Bot, ChevronDown, Forward } from 'lucide-react';
import { memo } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Content } from '../content/Content.tsx';
import type { Message } from '../data/conversations.ts';
import { useFailureText } from '../failures/failure-text.ts';
import { messages } from '../messages.ts';
import { useMoments } from '../use-moments.ts';
import { Quote } from './Quote.tsx';
import { Reactions } from './Reactions.tsx';
import styles from './Thread.module.css';
import { Ticks } from './Ticks.tsx';

interface MessageBubbleProps {
  message: Message;
  /** Of whom the conversation is with. */
  name: string;
  onAct: (message: Message, anchor: HTMLElement) => void;
  onSeek: (id: string) => void;
}

/** A message, as its kind is shown, with what it answers, what others said to it, and how far it is. */
export const MessageBubble = memo(function MessageBubble({
  message,
  name,
  onAct,
  onSeek,
}: MessageBubbleProps) {
  const t = useMessages(messages);
  const { time } = useMoments();
  const failureText = useFailureText();
  const isOurs = message.direction === 'outbound';
  const isFailed = message.status === 'failed';
  return (
    <article className={`${styles.bubble} ${isOurs ? styles.ours : styles.theirs}`}>
      <span className="visually-hidden">{isOurs ? t('weWrote') : t('theyWrote', { name })}</span>
      {message.reason !== null && (
        <span className={styles.sign}>
          <Bot size={15} aria-hidden />
          {t('automatic')}
        </span>
      )}
      {message.is_forwarded && (
        <span className={styles.sign}>
          <Forward size={15} aria-hidden />
          {t('forwarded')}
        </span>
      )}
      {message.is_view_once && <span className={styles.sign}>{t('viewOnce')}</span>}
      {message.reply_to !== null && <Quote quoted={message.reply_to} name={name} onSeek={onSeek} />}
      <Content shown={message} />
      {isFailed && (
        <p className={styles.failed} role="note">
          {t('sendingFailed', { code: failureText(message.error) })}
        </p>
      )}
      <footer className={styles.foot}>
        {message.edited_at !== null && message.deleted_at === null && <span>{t('edited')}</span>}
        <time dateTime={message.sent_at}>{time(message.sent_at)}</time>
        {isOurs && <Ticks message={message} />}
      </footer>
      <Reactions reactions={message.reactions} name={name} />
      <button
        type="button"
        className={styles.act}
        aria-label={t('messageActions')}
        aria-haspopup="menu"
        onClick={(event) => onAct(message, event.currentTarget)}
      >
        <ChevronDown size={20} aria-hidden />
      </button>
    </article>
  );
});
