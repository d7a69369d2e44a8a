import type { ReactNode } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from './Button.tsx';
import { messages } from './messages.ts';
import styles from './Pages.module.css';
import { Failed, Loading } from './States.tsx';

interface PagesProps<Row> {
  /** As `usePages` gives it. */
  list: {
    data: readonly Row[] | undefined;
    error: unknown;
    isError: boolean;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    refetch: () => Promise<unknown>;
    fetchNextPage: () => Promise<unknown>;
  };
  /** Where there is nothing. */
  empty: ReactNode;
  children: (rows: readonly Row[]) => ReactNode;
}

/** A list in all its states, with a button for what comes next. */
export function Pages<Row>({ list, empty, children }: PagesProps<Row>) {
  const t = useMessages(messages);
  if (list.data === undefined) {
    return list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <Loading />;
  }
  if (list.data.length === 0 && !list.hasNextPage) {
    return empty;
  }
  return (
    <div className={styles.pages}>
      {children(list.data)}
      {list.hasNextPage && (
        <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('showMore')}
        </Button>
      )}
    </div>
  );
}
