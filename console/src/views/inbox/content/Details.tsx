import {
  Calendar,
  CircleQuestionMark,
  CreditCard,
  Images,
  type LucideIcon,
  Package,
  Phone,
  ShoppingBag,
  Users,
} from 'lucide-react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { Words } from './Words.tsx';
import { wordsOf } from './use-summary.ts';

const ICONS: Partial<Record<Shown['type'], LucideIcon>> = {
  event: Calendar,
  order: ShoppingBag,
  product: Package,
  call: Phone,
  group_invite: Users,
  album: Images,
  payment: CreditCard,
};

/** What is told in words alone: calls, orders, events, payments, and what nobody knows yet. */
export function Details({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  const Icon = ICONS[shown.type] ?? CircleQuestionMark;
  const words = wordsOf(shown);
  return (
    <div className={styles.card}>
      <Icon size={26} aria-hidden />
      <div className={styles.cardText}>
        <b>{t(`kind-${shown.type}`)}</b>
        {words !== '' && <Words>{words}</Words>}
      </div>
    </div>
  );
}
