import { Check, CheckCheck, CircleAlert, CircleQuestionMark, Clock } from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import type { Message } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

const ICONS = {
  received: Check,
  pending: Clock,
  unknown: CircleQuestionMark,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  played: CheckCheck,
  failed: CircleAlert,
} as const;

/** How far a message of ours is: sent, delivered, read. */
export function Ticks({ message: { status } }: { message: Pick<Message, 'status'> }) {
  const t = useMessages(messages);
  const Icon = ICONS[status];
  return (
    <span className={`${styles.ticks} ${styles[`ticks-${status}`] ?? ''}`} title={t(`status-${status}`)}>
      <Icon size={16} aria-hidden />
      <span className="visually-hidden">{t(`status-${status}`)}</span>
    </span>
  );
}
