import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Card } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Chart } from './Chart.tsx';
import { messages } from './messages.ts';
import { useQueues, useThroughput } from './operations.ts';
import styles from './Operations.module.css';

type Queues = NonNullable<ReturnType<typeof useQueues>['data']>;

/** Longer than this nothing waits for a worker that keeps up. */
const LATE_MS = 60_000;

/** What waits, and how quickly it goes. */
export function Overview() {
  return (
    <section className={styles.part}>
      <QueueCard />
      <Traffic />
    </section>
  );
}

function QueueCard() {
  const t = useMessages(messages);
  const queues = useQueues();
  if (queues.data === undefined) {
    return queues.isError ? (
      <Failed error={queues.error} onRetry={() => void queues.refetch()} />
    ) : (
      <Loading />
    );
  }
  return (
    <Card className={styles.card}>
      <h2>{t('queue')}</h2>
      <Verdict queues={queues.data} />
      <Numbers queues={queues.data} />
      <Organizations queues={queues.data} />
    </Card>
  );
}

function Verdict({ queues: { inbox, worker, workers_alive: workers, redis } }: { queues: Queues }) {
  const t = useMessages(messages);
  const faults = [
    ...(redis === 'down' ? [t('redisDown')] : []),
    ...(workers === 0 ? [t('noWorkers')] : []),
    ...(worker.failing ? [t('workerFails')] : []),
    ...((inbox.oldest_pending_age_ms ?? 0) > LATE_MS ? [t('late')] : []),
    ...(inbox.dead > 0 ? [t('someDead', { count: inbox.dead })] : []),
  ];
  return faults.length === 0 ? (
    <Notice kind="good" icon={<CircleCheck size={20} aria-hidden />}>
      {t('allWell')}
    </Notice>
  ) : (
    <Notice kind="warn" icon={<TriangleAlert size={20} aria-hidden />}>
      {faults.map((fault) => (
        <span key={fault}>{fault}</span>
      ))}
    </Notice>
  );
}

function Numbers({ queues }: { queues: Queues }) {
  const t = useMessages(messages);
  const format = useFormats();
  const { inbox, queue, workers_alive: workers, driver, redis } = queues;
  const more = inbox.is_capped ? '+' : '';
  const facts: [string, string][] = [
    [t('pending'), `${format.number(inbox.pending)}${more}`],
    [t('dead'), `${format.number(inbox.dead)}${more}`],
    [t('oldest'), inbox.oldest_pending_at === null ? '–' : format.ago(inbox.oldest_pending_at)],
    [t('workers'), workers === null ? '–' : format.number(workers)],
    [t('driver'), t(`driver-${driver}`)],
    [t('redis'), t(`redis-${redis}`)],
    ...(queue === null
      ? []
      : (Object.entries(queue) as [keyof typeof queue, number][]).map(([state, count]): [string, string] => [
          t(`jobs-${state}`),
          format.number(count),
        ])),
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Organizations({ queues: { by_organization: rows } }: { queues: Queues }) {
  const t = useMessages(messages);
  const format = useFormats();
  if (rows.length === 0) {
    return null;
  }
  const columns: Column<(typeof rows)[number]>[] = [
    { title: t('organization'), cell: ({ organization_id: id }) => id },
    { title: t('pending'), isNumber: true, cell: ({ pending }) => format.number(pending) },
    { title: t('dead'), isNumber: true, cell: ({ dead }) => format.number(dead) },
    { title: t('oldest'), cell: ({ oldest_pending_at: at }) => (at === null ? '–' : format.ago(at)) },
  ];
  return (
    <Table
      label={t('byOrganization')}
      columns={columns}
      rows={rows}
      keyOf={({ organization_id: id }) => id}
    />
  );
}

function Traffic() {
  const t = useMessages(messages);
  const [minutes, setMinutes] = useState<'15' | '60' | '180'>('60');
  const throughput = useThroughput(Number(minutes));
  if (throughput.data === undefined) {
    return throughput.isError ? (
      <Failed error={throughput.error} onRetry={() => void throughput.refetch()} />
    ) : (
      <Loading />
    );
  }
  const { minutes: rows, is_capped: isCapped } = throughput.data;
  const times = rows.map(({ at }) => at);
  return (
    <>
      <div className={styles.filters}>
        <Select
          label={t('period')}
          value={minutes}
          options={[
            ['15', t('minutes', { count: 15 })],
            ['60', t('minutes', { count: 60 })],
            ['180', t('minutes', { count: 180 })],
          ]}
          onChange={setMinutes}
        />
      </div>
      {isCapped && <Notice>{t('capped')}</Notice>}
      <Card>
        <Chart
          title={t('throughput')}
          times={times}
          lines={[
            { title: t('received'), values: rows.map(({ received }) => received) },
            { title: t('sent'), values: rows.map(({ sent }) => sent) },
          ]}
        />
      </Card>
      <Card>
        <Chart
          title={t('receiving')}
          unit="ms"
          times={times}
          lines={[
            { title: t('median'), values: rows.map(({ received_ms: ms }) => ms?.median ?? null) },
            { title: t('p95'), values: rows.map(({ received_ms: ms }) => ms?.p95 ?? null) },
          ]}
        />
      </Card>
      <Card>
        <Chart
          title={t('sending')}
          unit="ms"
          times={times}
          lines={[
            { title: t('median'), values: rows.map(({ sent_ms: ms }) => ms?.median ?? null) },
            { title: t('p95'), values: rows.map(({ sent_ms: ms }) => ms?.p95 ?? null) },
          ]}
        />
      </Card>
    </>
  );
}
