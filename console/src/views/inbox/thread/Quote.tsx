import type { Schemas } from '../../../api/client.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

interface QuoteProps {
  quoted: Schemas['RepliedResponse'];
  name: string;
  onSeek: (id: string) => void;
}

/** The message that another one answers; leads to it where it is here. */
export function Quote({ quoted, name, onSeek }: QuoteProps) {
  const t = useMessages(messages);
  const { id } = quoted;
  const said = (
    <>
      <b>{quoted.from_me ? t('us') : name}</b>
      <span className={styles.quoted} dir="auto">
        {quoted.content === '' ? t('writeMessage') : quoted.content}
      </span>
    </>
  );
  return id === null ? (
    <blockquote className={styles.quote}>{said}</blockquote>
  ) : (
    <button type="button" className={styles.quote} onClick={() => onSeek(id)}>
      {said}
    </button>
  );
}
