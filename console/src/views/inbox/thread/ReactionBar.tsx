import { Menu as BaseMenu } from '@base-ui/react/menu';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

const EMOJIS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

interface ReactionBarProps {
  /** What stands there of us; chosen once more it is taken back. */
  current: string | undefined;
  onReact: (emoji: string) => void;
}

/** Emojis to react with, as a line of a menu. */
export function ReactionBar({ current, onReact }: ReactionBarProps) {
  const t = useMessages(messages);
  return (
    <BaseMenu.Group className={styles.emojis} aria-label={t('react')}>
      {EMOJIS.map((emoji) => (
        <BaseMenu.Item
          key={emoji}
          className={styles.emoji}
          aria-label={emoji === current ? t('takeBack', { emoji }) : t('reactWith', { emoji })}
          data-current={emoji === current || undefined}
          onClick={() => onReact(emoji === current ? '' : emoji)}
        >
          {emoji}
        </BaseMenu.Item>
      ))}
    </BaseMenu.Group>
  );
}
