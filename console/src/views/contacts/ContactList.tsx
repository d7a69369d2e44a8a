import { useVirtualizer } from '@tanstack/react-virtual';
import { Users } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Avatar } from '../../contacts/Avatar.tsx';
import { type Contact, contactName, type ContactSort, useContactSearch } from '../../contacts/contacts.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Field } from '../../ui/Field.tsx';
import { Page } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { Empty, Failed, Loading } from '../../ui/States.tsx';
import { useDelayed } from '../../ui/use-delayed.ts';
import styles from './ContactList.module.css';
import { messages } from './messages.ts';

const ROW_HEIGHT = 68;
/** So many rows before its end the next page is asked for. */
const AHEAD = 20;

/** All contacts, to be looked through. */
export function ContactList() {
  const t = useMessages(messages);
  const [text, setText] = useState('');
  const [sort, setSort] = useState<ContactSort>('name');
  const search = useDelayed(text.trim());
  const found = useContactSearch(search, sort);
  const contacts = found.data?.pages.flatMap((page) => page.contacts) ?? [];
  const isNobody = search === '' && found.data !== undefined && contacts.length === 0;
  return (
    <Page title={t('title')} isFull>
      <div className={styles.view}>
        {!isNobody && (
          <div className={styles.filters}>
            <div className={styles.search}>
              <Field
                type="search"
                label={t('search')}
                value={text}
                onChange={setText}
                maxLength={100}
                autoComplete="off"
              />
            </div>
            <Select
              label={t('sort')}
              value={sort}
              options={[
                ['name', t('byName')],
                ['-created_at', t('byNewest')],
              ]}
              onChange={setSort}
            />
          </div>
        )}
        {found.isError && found.data === undefined ? (
          <Failed error={found.error} onRetry={() => void found.refetch()} />
        ) : found.data === undefined ? (
          <Loading />
        ) : isNobody ? (
          <Empty icon={<Users size={32} aria-hidden />} title={t('empty')}>
            {t('emptyText')}
          </Empty>
        ) : contacts.length === 0 ? (
          <Empty title={t('noMatch')}>{t('noMatchText', { search })}</Empty>
        ) : (
          <Rows
            key={`${search} ${sort}`}
            contacts={contacts}
            onEnd={() => found.hasNextPage && !found.isFetching && void found.fetchNextPage()}
          />
        )}
      </div>
    </Page>
  );
}

/** However many there are, only those in sight are in the document. */
function Rows({ contacts, onEnd }: { contacts: readonly Contact[]; onEnd: () => void }) {
  const t = useMessages(messages);
  const scroller = useRef<HTMLDivElement>(null);
  // It is not memoized, and nothing that it gives is handed on.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: contacts.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (place) => contacts[place]!.id,
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const isNearEnd = (rows.at(-1)?.index ?? 0) >= contacts.length - AHEAD;
  const latest = useRef(onEnd);
  useEffect(() => {
    latest.current = onEnd;
  });
  useEffect(() => {
    if (isNearEnd) {
      latest.current();
    }
  }, [isNearEnd, contacts.length]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul className={styles.rows} style={{ height: virtualizer.getTotalSize() }} aria-label={t('title')}>
        {rows.map(({ key, index, start }) => (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            className={styles.place}
            style={{ translate: `0 ${start}px` }}
          >
            <Row contact={contacts[index]!} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Row({ contact }: { contact: Contact }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const format = useFormats();
  const { id, phone_number: phone, name_source: source, last_message_at: last } = contact;
  const name = contactName(contact, contactTexts('unnamed'));
  return (
    <Link href={`/contacts/${id}`} className={styles.row}>
      <Avatar name={name} />
      <span className={styles.name}>{name}</span>
      {phone !== null && source !== 'unknown' && (
        <span className={styles.phone}>{readableNumber(phone)}</span>
      )}
      <span className={styles.last}>{last === null ? t('neverWrote') : format.ago(last)}</span>
    </Link>
  );
}
