import { Server, Smartphone } from 'lucide-react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Badge, Empty, Failed, Loading } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { messages } from './messages.ts';
import { type Lease, type ServiceNode, useLeases, useNodes } from './operations.ts';
import styles from './Operations.module.css';

/** The processes of the service, and which of them runs which number. */
export function Nodes() {
  return (
    <section className={styles.part}>
      <NodeList />
      <LeaseList />
    </section>
  );
}

function NodeList() {
  const t = useMessages(messages);
  const format = useFormats();
  const nodes = useNodes();
  const columns: Column<ServiceNode>[] = [
    { title: t('node'), cell: ({ id }) => <code>{id}</code> },
    { title: t('kind'), cell: ({ kind }) => t(`kind-${kind}`) },
    { title: t('state'), cell: (node) => <NodeState node={node} /> },
    { title: t('numbers'), isNumber: true, cell: ({ sessions }) => format.number(sessions) },
    { title: t('heartbeat'), cell: ({ heartbeat_at: at }) => format.ago(at) },
  ];
  if (nodes.data === undefined) {
    return nodes.isError ? <Failed error={nodes.error} onRetry={() => void nodes.refetch()} /> : <Loading />;
  }
  return nodes.data.length === 0 ? (
    <Empty icon={<Server size={32} aria-hidden />} title={t('noNodes')} />
  ) : (
    <Card className={styles.card}>
      <h2>{t('nodes')}</h2>
      <Table label={t('nodes')} columns={columns} rows={nodes.data} keyOf={({ id }) => id} />
    </Card>
  );
}

function NodeState({ node: { is_alive: isAlive, is_leaving: isLeaving } }: { node: ServiceNode }) {
  const t = useMessages(messages);
  if (!isAlive) {
    return <Badge kind="bad">{t('gone')}</Badge>;
  }
  return <Badge kind={isLeaving ? 'warn' : 'good'}>{isLeaving ? t('leaving') : t('alive')}</Badge>;
}

function LeaseList() {
  const t = useMessages(messages);
  const format = useFormats();
  const leases = useLeases();
  const columns: Column<Lease>[] = [
    {
      title: t('number'),
      cell: ({ instance_name: name, instance_id: id }) => (
        <>
          <strong>{name}</strong> <small>{id}</small>
        </>
      ),
    },
    { title: t('organization'), cell: ({ organization_id: id }) => id },
    { title: t('node'), cell: ({ node_id: id }) => <code>{id}</code> },
    { title: t('epoch'), isNumber: true, cell: ({ epoch }) => format.number(epoch) },
    { title: t('leaseUntil'), cell: ({ expires_at: at }) => format.dateTime(at) },
  ];
  return (
    <Pages
      list={leases}
      empty={
        <Empty icon={<Smartphone size={32} aria-hidden />} title={t('noLeases')}>
          {t('noLeasesText')}
        </Empty>
      }
    >
      {(rows) => (
        <Card className={styles.card}>
          <div className={styles.filters}>
            <h2>{t('leases')}</h2>
            <Button onClick={() => void leases.refetch()}>{t('readAgain')}</Button>
          </div>
          <Table label={t('leases')} columns={columns} rows={rows} keyOf={({ instance_id: id }) => id} />
        </Card>
      )}
    </Pages>
  );
}
