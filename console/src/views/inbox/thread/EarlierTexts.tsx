import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '../../../api/client.ts';
import { useFormats } from '../../../i18n/formats.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useOrganizationId } from '../../../session/caller.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Failed, Loading } from '../../../ui/States.tsx';
import { Words } from '../content/Words.tsx';
import { messages } from '../messages.ts';
import styles from './Thread.module.css';

/** What a message said before it was edited. */
export function EarlierTexts({ id, now, onClose }: { id: string; now: string; onClose: () => void }) {
  const t = useMessages(messages);
  const { dateTime } = useFormats();
  const organizationId = useOrganizationId();
  const history = useQuery({
    queryKey: [organizationId, 'message-history', id, now],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/messages/{id}/history', { params: { path: { id } }, signal })),
  });
  return (
    <Dialog isOpen onClose={onClose} title={t('earlierTexts')}>
      {history.isError && <Failed error={history.error} onRetry={() => void history.refetch()} />}
      {history.isLoading && <Loading />}
      <ol className={styles.earlier}>
        {history.data?.history.map(({ content, edited_at: at }) => (
          <li key={at}>
            <Words>{content}</Words>
            <p className={styles.muted}>{t('until', { at: dateTime(at) })}</p>
          </li>
        ))}
        <li>
          <Words>{now}</Words>
          <p className={styles.muted}>{t('now')}</p>
        </li>
      </ol>
    </Dialog>
  );
}
