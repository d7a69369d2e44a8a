import { useFormats } from '../../../i18n/formats.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';
import { listOf, metadataOf, numberOf, textOf } from './metadata.ts';

/** A question with what can be answered, and how many chose what. */
export function Poll({ shown }: { shown: Shown }) {
  const t = useMessages(messages);
  const { number } = useFormats();
  const poll = metadataOf(shown);
  const options = listOf(poll['options']).map((option, at) => ({
    at,
    name: textOf(option['name']) ?? '',
    votes: numberOf(option['votes']) ?? 0,
  }));
  const most = Math.max(1, ...options.map(({ votes }) => votes));
  return (
    <div className={styles.poll}>
      <b>{textOf(poll['question']) ?? shown.content}</b>
      <ul>
        {options.map(({ at, name, votes }) => (
          <li key={at}>
            <span>{name}</span>
            <span>
              {number(votes)} <span className="visually-hidden">{t('votes')}</span>
            </span>
            <progress value={votes} max={most} aria-hidden />
          </li>
        ))}
      </ul>
    </div>
  );
}
