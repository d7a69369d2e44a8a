import { ScrollText } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { Pages } from '../../ui/Pages.tsx';
import { Select } from '../../ui/Select.tsx';
import { Badge, Empty } from '../../ui/States.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { messages } from './messages.ts';
import { type AuditEntry, type AuditFilter, useAudit } from './operations.ts';
import styles from './Operations.module.css';

const NO_FILTER: AuditFilter = {
  organization_id: '',
  actor_id: '',
  action: '',
  object_id: '',
  outcome: '',
  from: '',
  to: '',
};
const OUTCOME_KINDS = { done: 'good', begun: 'neutral', refused: 'warn', failed: 'bad' } as const;

/** Who did what. */
export function Audit() {
  const t = useMessages(messages);
  const [filter, setFilter] = useState(NO_FILTER);
  return (
    <section className={styles.part} aria-label={t('audit')}>
      <Filters onFilter={setFilter} />
      <Entries filter={filter} />
    </section>
  );
}

/** What is written is looked for when somebody asks for it, not with each letter. */
function Filters({ onFilter }: { onFilter: (filter: AuditFilter) => void }) {
  const t = useMessages(messages);
  const [draft, setDraft] = useState(NO_FILTER);
  const change = (part: Partial<AuditFilter>) => setDraft({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter({ ...draft });
  };
  const field = (name: 'organization_id' | 'actor_id' | 'action' | 'object_id', label: string) => (
    <Field
      label={label}
      value={draft[name]}
      spellCheck={false}
      onChange={(value) => change({ [name]: value.trim() })}
    />
  );
  return (
    <form className={styles.grid} onSubmit={submit} aria-label={t('filters')}>
      {field('organization_id', t('organization'))}
      {field('actor_id', t('actorId'))}
      {field('action', t('action'))}
      {field('object_id', t('objectId'))}
      <Select
        label={t('outcome')}
        value={draft.outcome}
        options={[
          ['', t('anyOutcome')],
          ['done', t('outcome-done')],
          ['refused', t('outcome-refused')],
          ['failed', t('outcome-failed')],
          ['begun', t('outcome-begun')],
        ]}
        onChange={(outcome) => change({ outcome })}
      />
      <Field
        label={t('from')}
        type="datetime-local"
        value={draft.from}
        onChange={(from) => change({ from })}
      />
      <Field label={t('to')} type="datetime-local" value={draft.to} onChange={(to) => change({ to })} />
      <div className={styles.actions}>
        <Button type="submit" look="main">
          {t('look')}
        </Button>
        <Button
          onClick={() => {
            setDraft(NO_FILTER);
            onFilter(NO_FILTER);
          }}
        >
          {t('clear')}
        </Button>
      </div>
    </form>
  );
}

function Entries({ filter }: { filter: AuditFilter }) {
  const t = useMessages(messages);
  const format = useFormats();
  const entries = useAudit(filter);
  const columns: Column<AuditEntry>[] = [
    { title: t('time'), cell: ({ at }) => format.dateTime(at) },
    {
      title: t('actor'),
      cell: ({ actor_name: name, actor_kind: kind }) => (
        <>
          {name} <small>{kind}</small>
        </>
      ),
    },
    {
      title: t('action'),
      cell: ({ action, object_id: id, details }) => (
        <>
          <code>{action}</code> <small>{id}</small>
          {Object.keys(details).length > 0 && (
            <details className={styles.details}>
              <summary>{t('details')}</summary>
              <code>{JSON.stringify(details)}</code>
            </details>
          )}
        </>
      ),
    },
    { title: t('organization'), cell: ({ organization_id: id }) => id ?? '–' },
    {
      title: t('outcome'),
      cell: ({ outcome, status }) => (
        <>
          <Badge kind={OUTCOME_KINDS[outcome]}>{t(`outcome-${outcome}`)}</Badge> <small>{status}</small>
        </>
      ),
    },
  ];
  return (
    <Pages
      list={entries}
      empty={
        <Empty icon={<ScrollText size={32} aria-hidden />} title={t('noEntries')}>
          {t('noEntriesText')}
        </Empty>
      }
    >
      {(rows) => (
        <Card>
          <Table label={t('audit')} columns={columns} rows={rows} keyOf={({ id }) => id} />
        </Card>
      )}
    </Pages>
  );
}
