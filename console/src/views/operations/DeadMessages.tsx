import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { answerOf, api } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Empty } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { type DeadMessage, KEY, useDeadMessages } from './operations.ts';
import styles from './Operations.module.css';

const MAX_REDRIVEN = 1_000;

/** Received messages that could not be decoded: nothing of them is lost. */
export function DeadMessages() {
  const t = useMessages(messages);
  const format = useFormats();
  const textOf = useErrorText();
  const queries = useQueryClient();
  const dead = useDeadMessages();
  const redrive = useMutation({
    mutationFn: (instanceId: string | undefined) =>
      answerOf(
        api.POST('/api/admin/inbox/redrive', {
          body: { limit: MAX_REDRIVEN, ...(instanceId !== undefined && { instance_id: instanceId }) },
        }),
      ),
    onSuccess: ({ redriven }) => toast(t('redriven', { count: redriven })),
    onError: (error) => toast(textOf(error), 'bad'),
    onSettled: () => queries.invalidateQueries({ queryKey: [KEY] }),
  });
  const columns: Column<DeadMessage>[] = [
    { title: t('time'), cell: ({ received_at: at }) => format.dateTime(at) },
    { title: t('organization'), cell: ({ organization_id: id }) => id },
    {
      title: t('why'),
      cell: ({ reason, error, attempts }) => (
        <>
          <code>{reason ?? '–'}</code> <small>{error}</small>{' '}
          <small>{t('attempts', { count: attempts })}</small>
        </>
      ),
    },
    { title: t('messageId'), cell: ({ whatsapp_message_id: id }) => <small>{id}</small> },
    {
      title: t('actions'),
      cell: ({ instance_id: id }) => <Button onClick={() => redrive.mutate(id)}>{t('redriveNumber')}</Button>,
    },
  ];
  return (
    <section className={styles.part} aria-label={t('dead')}>
      <Pages
        list={dead}
        empty={
          <Empty icon={<CircleCheck size={32} aria-hidden />} title={t('noDead')}>
            {t('noDeadText')}
          </Empty>
        }
      >
        {(rows) => (
          <Card className={styles.card}>
            <div className={styles.filters}>
              <p>{t('deadLead')}</p>
              <Button look="main" isBusy={redrive.isPending} onClick={() => redrive.mutate(undefined)}>
                {t('redriveAll')}
              </Button>
            </div>
            <Table label={t('dead')} columns={columns} rows={rows} keyOf={({ id }) => id} />
          </Card>
        )}
      </Pages>
    </section>
  );
}
