import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useInvalidation } from '../../live/Live.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyText } from '../../ui/CopyText.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Select } from '../../ui/Select.tsx';
import { Badge, Empty } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';
import {
  type Delivery,
  type DeliveryStatus,
  EVENT_NAMES,
  useDeliveries,
  useWebhookChange,
} from './webhooks.ts';

const KINDS = { pending: 'warn', delivered: 'good', failed: 'bad' } as const;

/** What was sent to a webhook, and what came of it. */
export function Deliveries({ id }: { id: string }) {
  const t = useMessages(messages);
  const organizationId = useOrganizationId();
  const [status, setStatus] = useState<DeliveryStatus | ''>('');
  const deliveries = useDeliveries(id, status === '' ? undefined : status);
  useInvalidation(EVENT_NAMES, [organizationId, 'webhooks', id, 'deliveries']);
  return (
    <section className={styles.part} aria-labelledby="deliveries">
      <div className={styles.head}>
        <h2 id="deliveries">{t('deliveries')}</h2>
        <Select
          label={t('state')}
          value={status}
          options={[
            ['', t('anyState')],
            ['pending', t('pending')],
            ['delivered', t('delivered')],
            ['failed', t('failed')],
          ]}
          onChange={setStatus}
        />
        <Button onClick={() => void deliveries.refetch()}>{t('readAgain')}</Button>
      </div>
      <Pages
        list={deliveries}
        empty={
          <Empty icon={<Inbox size={32} aria-hidden />} title={t('noDeliveries')}>
            {t('noDeliveriesText')}
          </Empty>
        }
      >
        {(rows) => (
          <ul className={styles.rows}>
            {rows.map((delivery) => (
              <li key={delivery.id}>
                <DeliveryCard webhookId={id} delivery={delivery} />
              </li>
            ))}
          </ul>
        )}
      </Pages>
    </section>
  );
}

function DeliveryCard({ webhookId, delivery }: { webhookId: string; delivery: Delivery }) {
  const t = useMessages(messages);
  const format = useFormats();
  const textOf = useErrorText();
  const { sequence, status, attempts, tries, request, response, error, next_attempt_at: next } = delivery;
  const redrive = useWebhookChange(() =>
    answerOf(
      api.POST('/api/webhooks/{id}/redrive', {
        params: { path: { id: webhookId } },
        body: { after: sequence - 1, until: sequence },
      }),
    ),
  );
  return (
    <Card className={styles.card}>
      <div className={styles.state}>
        <Badge kind={KINDS[status]}>{t(status)}</Badge>
        <strong>{t('sequence', { sequence: String(sequence) })}</strong>
        <span>{format.dateTime(delivery.created_at)}</span>
        <span>{t('attempts', { count: attempts })}</span>
        {error !== null && <code>{error}</code>}
        {next !== null && <span>{t('nextTry', { time: format.time(next) })}</span>}
      </div>
      <details>
        <summary>{t('details')}</summary>
        <div className={styles.details}>
          <ol>
            {tries.map(({ at, duration_ms: ms, status: code, error: why }) => (
              <li key={at}>
                {format.dateTime(at)}: {code ?? '–'} {why ?? ''} ({format.number(ms)} ms)
              </li>
            ))}
          </ol>
          <CopyText label={t('request')} text={pretty(request.body ?? t('erased'))} />
          {response !== null && (
            <CopyText label={t('answer')} text={`${response.status} ${response.body ?? ''}`} />
          )}
          {status !== 'pending' && (
            <Button
              isBusy={redrive.isPending}
              onClick={() =>
                redrive.mutate(undefined, {
                  onSuccess: () => toast(t('redriveBegun')),
                  onError: (cause) => toast(textOf(cause), 'bad'),
                })
              }
            >
              {t('deliverAgain')}
            </Button>
          )}
        </div>
      </details>
    </Card>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
