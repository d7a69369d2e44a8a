import { Inbox, Search, SearchX, X } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useNumbers } from '../../../numbers/numbers.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { Empty, Failed, Loading } from '../../../ui/States.tsx';
import { useConversations } from '../data/conversations.ts';
import { useDebounced } from '../data/use-debounced.ts';
import { messages } from '../messages.ts';
import styles from './Conversations.module.css';
import { type ConversationFilter, Filters, isShown } from './Filters.tsx';
import { FoundMessages } from './FoundMessages.tsx';
import { VirtualConversations } from './VirtualConversations.tsx';

const MIN_SEARCH = 2;

/** The conversations: a search over people and all that was written, filters, and the list. */
export function ConversationColumn({ contactId }: { contactId: string | undefined }) {
  const t = useMessages(messages);
  const [words, setWords] = useState('');
  const search = useDebounced(words.trim().slice(0, 100));
  const [filter, setFilter] = useState<ConversationFilter>({ which: 'all', instanceId: '' });
  const conversations = useConversations(search.length < MIN_SEARCH ? '' : search);
  const numbers = useNumbers();
  const items = useDeferredValue(conversations.items);
  const shown = useMemo(() => items?.filter((one) => isShown(one, filter)), [items, filter]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = conversations;
  return (
    <section className={styles.column} aria-label={t('conversations')}>
      <div className={styles.tools}>
        <div className={styles.search}>
          <Search size={18} aria-hidden />
          <input
            type="search"
            value={words}
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setWords('')}
            aria-label={t('search')}
            placeholder={t('search')}
            maxLength={100}
          />
          {words !== '' && (
            <IconButton label={t('clearSearch')} onClick={() => setWords('')}>
              <X size={18} aria-hidden />
            </IconButton>
          )}
        </div>
        <Filters filter={filter} numbers={numbers.data ?? []} onChange={setFilter} />
      </div>
      {shown === undefined ? (
        conversations.isError ? (
          <Failed error={conversations.error} onRetry={() => void conversations.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <VirtualConversations
          conversations={shown}
          contactId={contactId}
          hasMore={hasNextPage}
          isReadingMore={isFetchingNextPage}
          onMore={() => void fetchNextPage()}
          empty={
            search.length >= MIN_SEARCH ? (
              <p className={styles.nobody}>{t('nobodyFound')}</p>
            ) : filter.which !== 'all' || filter.instanceId !== '' ? (
              <Empty icon={<SearchX size={30} aria-hidden />} title={t('nothingFound')} />
            ) : (
              <Empty icon={<Inbox size={30} aria-hidden />} title={t('empty')}>
                {t('emptyText')}
              </Empty>
            )
          }
          after={search.length >= MIN_SEARCH ? <FoundMessages search={search} /> : undefined}
        />
      )}
    </section>
  );
}
