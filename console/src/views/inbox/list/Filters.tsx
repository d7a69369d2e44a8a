import { useMessages } from '../../../i18n/I18n.tsx';
import type { WhatsappNumber } from '../../../numbers/numbers.ts';
import type { Conversation } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import styles from './Conversations.module.css';

export interface ConversationFilter {
  which: 'all' | 'unread' | 'booking';
  /** Of a number; empty for all. */
  instanceId: string;
}

/** @returns whether a conversation is one of those that somebody wants to see */
export function isShown(conversation: Conversation, { which, instanceId }: ConversationFilter): boolean {
  const { unread_count, open_booking, last_message } = conversation;
  return (
    (which !== 'unread' || unread_count > 0) &&
    (which !== 'booking' || open_booking !== null) &&
    (instanceId === '' || last_message.instance_id === instanceId)
  );
}

interface FiltersProps {
  filter: ConversationFilter;
  numbers: readonly WhatsappNumber[];
  onChange: (filter: ConversationFilter) => void;
}

export function Filters({ filter, numbers, onChange }: FiltersProps) {
  const t = useMessages(messages);
  return (
    <div className={styles.filters} role="group" aria-label={t('filters')}>
      {(['all', 'unread', 'booking'] as const).map((which) => (
        <button
          key={which}
          type="button"
          className={styles.filter}
          aria-pressed={filter.which === which}
          onClick={() => onChange({ ...filter, which })}
        >
          {t(`filter-${which}`)}
        </button>
      ))}
      {numbers.length > 1 && (
        <select
          className={styles.filter}
          aria-label={t('ofNumber')}
          value={filter.instanceId}
          onChange={(event) => onChange({ ...filter, instanceId: event.target.value })}
        >
          <option value="">{t('allNumbers')}</option>
          {numbers.map(({ id, instance_name: name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
