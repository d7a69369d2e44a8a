import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { answerOf, api } from '../../../api/client.ts';
import { useListedContact } from '../../../contacts/contacts.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useOrganizationId } from '../../../session/caller.ts';
import { Button } from '../../../ui/Button.tsx';
import { Failed, Loading } from '../../../ui/States.tsx';
import { useSummary } from '../content/use-summary.ts';
import { nameOf } from '../contact-name.ts';
import type { Message } from '../data/conversations.ts';
import { messages } from '../messages.ts';
import { useMoments } from '../use-moments.ts';
import styles from './Conversations.module.css';

/** Messages of all conversations with the words that are looked for. Each leads to its place in its conversation. */
export function FoundMessages({ search }: { search: string }) {
  const t = useMessages(messages);
  const organizationId = useOrganizationId();
  const found = useInfiniteQuery({
    queryKey: [organizationId, 'found-messages', search],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        organization_id: organizationId,
        search,
        limit: 20,
        ...(pageParam !== null && { cursor: pageParam }),
      };
      return answerOf(api.GET('/api/messages', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: next }) => next,
  });
  const list = found.data?.pages.flatMap((page) => page.messages) ?? [];
  return (
    <section className={styles.found} aria-label={t('foundMessages')}>
      <h2>{t('foundMessages')}</h2>
      {found.isError && <Failed error={found.error} onRetry={() => void found.refetch()} />}
      {found.isLoading && <Loading />}
      {found.isSuccess && list.length === 0 && !found.hasNextPage && (
        <p className={styles.muted}>{t('nothingFound')}</p>
      )}
      <ul>
        {list.map((message) => (
          <li key={message.id}>
            <FoundMessage message={message} contactId={message.contact_id ?? ''} />
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <Button isBusy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </section>
  );
}

function FoundMessage({ message, contactId }: { message: Message; contactId: string }) {
  const { short } = useMoments();
  const summaryOf = useSummary();
  const contact = useListedContact(contactId);
  return (
    <Link href={`/inbox/${contactId}?message=${message.id}`} className={styles.hit}>
      <span className={styles.hitHead}>
        <b className={styles.cut}>{contact === undefined ? '…' : nameOf(contact)}</b>
        <time className={styles.time} dateTime={message.sent_at}>
          {short(message.sent_at)}
        </time>
      </span>
      <span className={styles.hitText}>{summaryOf(message)}</span>
    </Link>
  );
}
