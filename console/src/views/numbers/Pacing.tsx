import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { answerOf, api } from '../../api/client.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useInvalidation } from '../../live/Live.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Card } from '../../ui/Page.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './Numbers.module.css';

/** More strangers a day than this are what WhatsApp limits numbers for, sooner or later. */
const MANY_STRANGERS = 20;
/** The last minute goes on without an event. */
const LOOK_AGAIN_MS = 30_000;

/** How quickly a number writes, and to how many people who never wrote. */
export function Pacing({ id }: { id: string }) {
  const t = useMessages(messages);
  const format = useFormats();
  const organizationId = useOrganizationId();
  useInvalidation(
    ['whatsapp:message', 'whatsapp:message-sent', 'whatsapp:message-status'],
    [organizationId, 'pacing'],
  );
  const pacing = useQuery({
    queryKey: [organizationId, 'pacing', id],
    queryFn: async () =>
      (await answerOf(api.GET('/api/whatsapp/instances/{id}/pacing', { params: { path: { id } } }))).pacing,
    refetchInterval: LOOK_AGAIN_MS,
  });
  if (pacing.data === undefined) {
    return pacing.isError ? (
      <Failed error={pacing.error} onRetry={() => void pacing.refetch()} />
    ) : (
      <Loading />
    );
  }
  const { last_minute: minute, last_hour: hour, last_day: day, waiting, people, strangers } = pacing.data;
  const facts: [string, number][] = [
    [t('lastMinute'), minute],
    [t('lastHour'), hour],
    [t('lastDay'), day],
    [t('waiting'), waiting],
    [t('people'), people],
    [t('strangers'), strangers],
  ];
  return (
    <Card className={styles.card}>
      <h2>{t('pacing')}</h2>
      {strangers > MANY_STRANGERS && (
        <Notice kind="warn" icon={<TriangleAlert size={20} aria-hidden />}>
          {t('manyStrangers', { count: strangers })}
        </Notice>
      )}
      <dl className={styles.facts}>
        {facts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{format.number(count)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
