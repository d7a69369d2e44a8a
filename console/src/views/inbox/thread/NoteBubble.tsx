import { ChevronDown, Smartphone, StickyNote } from 'lucide-react';
import { memo } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { Content } from '../content/Content.tsx';
import type { Note } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import { useMoments } from '../use-moments.ts';
import { Quote } from './Quote.tsx';
import { Reactions } from './Reactions.tsx';
import styles from './Thread.module.css';

interface NoteBubbleProps {
  note: Note;
  name: string;
  onAct: (note: Note, anchor: HTMLElement) => void;
  onSeek: (id: string) => void;
}

/** A note: what somebody wrote here for the others, or what the owner sent from the phone. The contact sees nothing of the first. */
export const NoteBubble = memo(function NoteBubble({ note, name, onAct, onSeek }: NoteBubbleProps) {
  const t = useMessages(messages);
  const { time } = useMoments();
  const isOfPhone = note.source === 'phone';
  // Where nobody signs in it is nobody's.
  const isSigned = note.author !== null && note.author.kind !== 'open';
  const Icon = isOfPhone ? Smartphone : StickyNote;
  return (
    <article className={`${styles.bubble} ${styles.note}`}>
      <span className={styles.sign}>
        <Icon size={15} aria-hidden />
        {isOfPhone ? t('fromPhone') : isSigned ? t('noteBy', { name: note.author!.name }) : t('writeNote')}
      </span>
      {note.reply_to !== null && <Quote quoted={note.reply_to} name={name} onSeek={onSeek} />}
      <Content shown={note} />
      <footer className={styles.foot}>
        {note.edited_at !== null && note.deleted_at === null && <span>{t('edited')}</span>}
        <time dateTime={note.sent_at}>{time(note.sent_at)}</time>
      </footer>
      <Reactions reactions={note.reactions} name={name} />
      <button
        type="button"
        className={styles.act}
        aria-label={t('noteActions')}
        aria-haspopup="menu"
        onClick={(event) => onAct(note, event.currentTarget)}
      >
        <ChevronDown size={20} aria-hidden />
      </button>
    </article>
  );
});
