import { Clock, RotateCw, StickyNote, Trash2 } from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Button } from '../../../ui/Button.tsx';
import { useErrorText } from '../../../ui/error-text.ts';
import { Words } from '../content/Words.tsx';
import { outbox, type Outgoing } from '../data/outbox.ts';
import { messages } from '../messages.ts';
import { useMoments } from '../use-moments.ts';
import styles from './Thread.module.css';

/** How far a message or a note is, in the words of each. */
const TEXTS = {
  message: {
    waiting: 'waitingToSend',
    sending: 'sending',
    stored: 'sending',
    failed: 'notSent',
    again: 'sendAgain',
  },
  note: {
    waiting: 'waitingToSend',
    sending: 'saving',
    stored: 'saving',
    failed: 'notSaved',
    again: 'saveAgain',
  },
} as const;

/** A message or a note that the service does not have yet. */
export function OutgoingBubble({ outgoing }: { outgoing: Outgoing }) {
  const t = useMessages(messages);
  const errorText = useErrorText();
  const { time } = useMoments();
  const { kind, key, state, text, file, progress, replyTo, error, at } = outgoing;
  const texts = TEXTS[kind];
  const side = kind === 'note' ? styles.note : styles.ours;
  return (
    <article className={`${styles.bubble} ${side} ${styles.onTheWay}`}>
      {kind === 'note' && (
        <span className={styles.sign}>
          <StickyNote size={15} aria-hidden />
          {t('writeNote')}
        </span>
      )}
      {replyTo !== undefined && (
        <blockquote className={styles.quote}>
          <span className={styles.quoted}>{replyTo.content}</span>
        </blockquote>
      )}
      {file !== undefined && <p className={styles.fileLine}>{file.name}</p>}
      {text !== undefined && text !== '' && <Words>{text}</Words>}
      {progress !== undefined && <progress value={progress} max={1} aria-label={t('uploading')} />}
      <footer className={styles.foot}>
        <span role="status">{t(texts[state])}</span>
        <time dateTime={at}>{time(at)}</time>
        <Clock size={16} aria-hidden />
      </footer>
      {(state === 'failed' || state === 'waiting') && (
        <div className={styles.failed}>
          {state === 'failed' && (
            <p role="alert">{error === undefined ? t('waitedTooLong') : errorText(error)}</p>
          )}
          <div className={styles.buttons}>
            {state === 'failed' && (
              <Button icon={<RotateCw size={18} aria-hidden />} onClick={() => outbox.retry(key)}>
                {t(texts.again)}
              </Button>
            )}
            <Button look="quiet" icon={<Trash2 size={18} aria-hidden />} onClick={() => outbox.drop([key])}>
              {t('discard')}
            </Button>
          </div>
        </div>
      )}
    </article>
  );
}
