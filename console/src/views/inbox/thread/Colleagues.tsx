import { useLocale, useMessages } from '../../../i18n/I18n.tsx';
import type { Colleague } from '../data/activity.ts';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

/** Who else reads the conversation, or writes in it: two should not answer the same. */
export function Colleagues({ colleagues }: { colleagues: readonly Colleague[] }) {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const writing = colleagues.filter(({ isWriting }) => isWriting);
  const shown = writing.length > 0 ? writing : colleagues;
  const names = [...new Set(shown.map(({ name }) => name ?? t('somebody')))];
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).format(names);
  return (
    <p className={styles.others} role="status">
      {shown.length > 0 &&
        t(writing.length > 0 ? 'isWriting' : 'isReading', { count: names.length, names: list })}
    </p>
  );
}
