import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Clock, TriangleAlert } from 'lucide-react';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useInvalidation } from '../../live/Live.tsx';
import { useNumbers, type WhatsappNumber } from '../../numbers/numbers.ts';
import { ReasonNotice, StatusBadge } from '../../numbers/Status.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Card, Page } from '../../ui/Page.tsx';
import { Empty, Failed, Loading, Notice } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './Numbers.module.css';
import { Pacing } from './Pacing.tsx';
import { RestrictionNotice } from './RestrictionNotice.tsx';

const PERIOD_MS = 7 * 86_400_000;

/** How one number does: whether messages come in, and what became of all that was delivered. */
export function NumberHealth({ id }: { id: string }) {
  const t = useMessages(messages);
  const numbers = useNumbers();
  const number = numbers.data?.find((each) => each.id === id);
  return (
    <Page
      title={number?.instance_name ?? t('details')}
      lead={number && phoneOf(number, t('noPhone'))}
      back={{ to: '/numbers', label: t('back') }}
    >
      {numbers.isError && numbers.data === undefined ? (
        <Failed error={numbers.error} onRetry={() => void numbers.refetch()} />
      ) : numbers.data === undefined ? (
        <Loading />
      ) : number === undefined ? (
        <Empty title={t('notFound')} />
      ) : (
        <>
          <State number={number} />
          <Pacing id={id} />
          <Integrity id={id} />
        </>
      )}
    </Page>
  );
}

function phoneOf(
  { connected_phone_number: linked, phone_number: given }: WhatsappNumber,
  none: string,
): string {
  const phone = linked ?? given;
  return phone === null ? none : readableNumber(phone);
}

function State({ number }: { number: WhatsappNumber }) {
  const t = useMessages(messages);
  const format = useFormats();
  const organizationId = useOrganizationId();
  const queryKey = [organizationId, 'last-message-in', number.id];
  useInvalidation(['whatsapp:message'], [organizationId, 'last-message-in']);
  useInvalidation(['whatsapp:message', 'whatsapp:message-sent'], [organizationId, 'numbers']);
  const last = useQuery({
    queryKey,
    queryFn: async () => {
      const query = {
        organization_id: organizationId,
        instance_id: number.id,
        direction: 'inbound' as const,
        limit: 1,
      };
      return (await answerOf(api.GET('/api/messages', { params: { query } }))).messages[0] ?? null;
    },
  });
  const { status, last_disconnect_reason: reason, restriction, last_connected_at: since } = number;
  return (
    <Card className={styles.card}>
      <StatusBadge status={status} />
      {status !== 'connected' && reason !== null && <ReasonNotice reason={reason} />}
      {restriction !== null && <RestrictionNotice restriction={restriction} />}
      <dl className={styles.facts}>
        <div>
          <dt>{t('lastIn')}</dt>
          <dd>
            {last.data === undefined
              ? '…'
              : last.data === null
                ? t('never')
                : format.ago(last.data.created_at)}
          </dd>
        </div>
        <div>
          <dt>{t('counts')}</dt>
          <dd>
            {t('countsText', {
              received: format.number(number.messages_received_count),
              sent: format.number(number.messages_sent_count),
            })}
          </dd>
        </div>
        {status === 'connected' && since !== null && (
          <div>
            <dt>{t('since')}</dt>
            <dd>{format.dateTime(since)}</dd>
          </div>
        )}
      </dl>
    </Card>
  );
}

const LINES = [
  'received',
  'stored',
  'notes',
  'groups',
  'skipped',
  'duplicates',
  'pending',
  'dead',
  'undecrypted',
  'recovered',
  'lost',
] as const;
/** Lines that stand there also when there is nothing to count. */
const ALWAYS: ReadonlySet<string> = new Set(['received', 'stored', 'lost']);

function Integrity({ id }: { id: string }) {
  const t = useMessages(messages);
  const format = useFormats();
  const organizationId = useOrganizationId();
  useInvalidation(['whatsapp:message', 'whatsapp:note'], [organizationId, 'integrity']);
  const integrity = useQuery({
    queryKey: [organizationId, 'integrity', id],
    queryFn: () => {
      const from = new Date(Date.now() - PERIOD_MS).toISOString();
      const params = { path: { id }, query: { from } };
      return answerOf(api.GET('/api/whatsapp/instances/{id}/integrity', { params }));
    },
  });
  if (integrity.isError) {
    return <Failed error={integrity.error} onRetry={() => void integrity.refetch()} />;
  }
  if (integrity.data === undefined) {
    return <Loading />;
  }
  const counts = integrity.data;
  return (
    <Card className={styles.card}>
      <h2>{t('integrity')}</h2>
      <Verdict counts={counts} />
      <dl className={styles.counts}>
        {LINES.filter((line) => ALWAYS.has(line) || counts[line] > 0).map((line) => (
          <div key={line}>
            <dt>{t(line)}</dt>
            <dd>{format.number(counts[line])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Verdict({ counts }: { counts: Schemas['IntegrityResponse'] }) {
  const t = useMessages(messages);
  const waiting = counts.pending + counts.waiting + counts.dead;
  if (counts.lost > 0) {
    return (
      <Notice kind="bad" icon={<TriangleAlert size={20} aria-hidden />}>
        {t('integrityLost', { count: counts.lost })}
      </Notice>
    );
  }
  return waiting > 0 ? (
    <Notice kind="warn" icon={<Clock size={20} aria-hidden />}>
      {t('integrityWaiting', { count: waiting })}
    </Notice>
  ) : (
    <Notice kind="good" icon={<CircleCheck size={20} aria-hidden />}>
      {t('integrityGood')}
    </Notice>
  );
}
