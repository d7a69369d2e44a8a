import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumbers } from '../../numbers/numbers.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Empty } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import { SecretDialog } from './SecretDialog.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import { ALL_EVENTS, useWebhooks, type Webhook } from './webhooks.ts';
import { WebhookState } from './WebhookState.tsx';

export function WebhookList() {
  const t = useMessages(messages);
  const webhooks = useWebhooks();
  const numbers = useNumbers();
  const [doing, setDoing] = useState<'create' | { secret: string }>();
  const nameOf = (id: string) => numbers.data?.find((number) => number.id === id)?.instance_name ?? id;
  const create = (
    <Button look="main" icon={<Plus size={20} aria-hidden />} onClick={() => setDoing('create')}>
      {t('createWebhook')}
    </Button>
  );
  const columns: Column<Webhook>[] = [
    {
      title: t('url'),
      cell: ({ id, url, description }) => (
        <>
          <Link href={`/integrations/webhooks/${id}`}>{url}</Link> <small>{description}</small>
        </>
      ),
    },
    {
      title: t('events'),
      cell: ({ events, instance_id: instance }) => (
        <>
          {events.includes(ALL_EVENTS) ? t('allEvents') : t('someEvents', { count: events.length })}{' '}
          {instance !== null && <small>{nameOf(instance)}</small>}
        </>
      ),
    },
    { title: t('state'), cell: (webhook) => <WebhookState webhook={webhook} /> },
  ];
  return (
    <section className={styles.part} aria-label={t('webhooks')}>
      <div className={styles.head}>
        <p>{t('webhooksLead')}</p>
        {webhooks.data !== undefined && webhooks.data.length > 0 && create}
      </div>
      <Pages
        list={webhooks}
        empty={
          <Empty icon={<WebhookIcon size={32} aria-hidden />} title={t('noWebhooks')} action={create}>
            {t('noWebhooksText')}
          </Empty>
        }
      >
        {(rows) => (
          <Card>
            <Table label={t('webhooks')} columns={columns} rows={rows} keyOf={({ id }) => id} />
          </Card>
        )}
      </Pages>
      {doing === 'create' && (
        <WebhookForm
          onClose={() => setDoing(undefined)}
          onSaved={(secret) => setDoing(secret === undefined ? undefined : { secret })}
        />
      )}
      {typeof doing === 'object' && (
        <SecretDialog title={t('secret')} secret={doing.secret} onClose={() => setDoing(undefined)} />
      )}
    </section>
  );
}
