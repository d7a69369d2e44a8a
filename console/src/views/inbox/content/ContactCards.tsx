import { UserRound } from 'lucide-react';
import { readableNumber } from '../../../i18n/formats.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { listOf, metadataOf, textOf, textsOf } from './metadata.ts';
import { Words } from './Words.tsx';

const MAX_CARDS = 10;

/** Cards of people. */
export function ContactCards({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  const cards = listOf(metadataOf(shown)['contacts']).slice(0, MAX_CARDS);
  if (cards.length === 0) {
    return <Words>{shown.content}</Words>;
  }
  return (
    <ul className={styles.cards}>
      {cards.map((card) => (
        <li key={JSON.stringify(card)} className={styles.card}>
          <UserRound size={26} aria-hidden />
          <div className={styles.cardText}>
            <b>{textOf(card['name']) ?? t('kind-contact')}</b>
            {textsOf(card['phone_numbers']).map((number) => (
              <span key={number}>{/^\d{8,}$/.test(number) ? readableNumber(number) : number}</span>
            ))}
            {textsOf(card['emails']).map((email) => (
              <span key={email}>{email}</span>
            ))}
            {textOf(card['organization']) !== undefined && <span>{textOf(card['organization'])}</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}
