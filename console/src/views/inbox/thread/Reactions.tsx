import type { Schemas } from '../../../api/client.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

interface ReactionsProps {
  reactions: readonly Schemas['ReactionResponse'][];
  name: string;
}

/** What people said to a message with one emoji each. */
export function Reactions({ reactions, name }: ReactionsProps) {
  const t = useMessages(messages);
  if (reactions.length === 0) {
    return null;
  }
  return (
    <ul className={styles.reactions} aria-label={t('reactions')}>
      {reactions.map(({ emoji, from, from_me: isOurs }) => (
        <li key={`${from} ${isOurs}`} className={styles.reaction} title={isOurs ? t('us') : (from ?? name)}>
          {emoji}
        </li>
      ))}
    </ul>
  );
}
