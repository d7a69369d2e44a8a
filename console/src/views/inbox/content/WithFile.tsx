import { useMutation } from '@tanstack/react-query';
import { FileX, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { answerOf, api } from '../../../api/client.ts';
import { useMessages } from '../../../i18n/I18n.tsx';
import { useCaller } from '../../../session/caller.ts';
import { Button } from '../../../ui/Button.tsx';
import { messages } from '../messages.ts';
import type { Shown } from './shown.ts';
import styles from './Content.module.css';

interface WithFileProps {
  shown: Shown;
  /** @param path of the file, which is here */
  children: (path: string) => ReactNode;
}

/** Shows the file of a message where it is here, and says why it is not where it is not. */
export function WithFile({ shown, children }: WithFileProps) {
  const t = useMessages(messages);
  const { may } = useCaller();
  const { id, media } = shown;
  const retry = useMutation({
    mutationFn: () => answerOf(api.POST('/api/messages/{id}/media/retry', { params: { path: { id } } })),
  });
  if (media === null) {
    return <p className={styles.gone}>{t(`kind-${shown.type}`)}</p>;
  }
  if (media.state === 'ready' && media.url !== null) {
    return children(media.url);
  }
  if (media.state === 'pending') {
    return (
      <p className={styles.gone}>
        <LoaderCircle size={16} aria-hidden />
        {t('filePending', { kind: t(`kind-${shown.type}`) })}
      </p>
    );
  }
  return (
    <div className={styles.noFile}>
      <p className={styles.gone}>
        <FileX size={16} aria-hidden />
        {media.state === 'expired' ? t('fileExpired') : t('fileMissing', { kind: t(`kind-${shown.type}`) })}
      </p>
      {media.state === 'failed' && may('send') && (
        <Button isBusy={retry.isPending} onClick={() => retry.mutate()}>
          {t('fileRetry')}
        </Button>
      )}
    </div>
  );
}
