import { useState } from 'react';
import { BASE } from '../../app/base.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumbers } from '../../numbers/numbers.ts';
import { useCaller, useOrganizationId } from '../../session/caller.ts';
import { CopyText } from '../../ui/CopyText.tsx';
import { Card } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { curlOf, TASKS, typescriptOf } from './examples.ts';
import styles from './Integrations.module.css';
import { messages } from './messages.ts';

/** Stands where the organization has no number yet. */
const NO_NUMBER = '{instance_id}';

/** How to begin, with what is the caller's own in the right places. */
export function Examples() {
  const t = useMessages(messages);
  const { me } = useCaller();
  const organizationId = useOrganizationId();
  const numbers = useNumbers().data ?? [];
  const [chosen, setChosen] = useState<string>();
  const instanceId = chosen ?? numbers[0]?.id ?? NO_NUMBER;
  const context = {
    url: BASE.href.replace(/\/$/, ''),
    organizationId,
    instanceId,
    needsKey: me.kind !== 'open',
  };
  return (
    <section className={styles.part} aria-label={t('examples')}>
      <p>{context.needsKey ? t('examplesKey') : t('examplesOpen')}</p>
      <dl className={styles.ids}>
        <div>
          <dt>{t('organizationId')}</dt>
          <dd>
            <code>{organizationId}</code>
          </dd>
        </div>
        <div>
          <dt>{t('instanceId')}</dt>
          <dd>
            <code>{instanceId}</code>
          </dd>
        </div>
      </dl>
      {numbers.length > 1 && (
        <Select
          label={t('number')}
          value={instanceId}
          options={numbers.map(({ id, instance_name: name }) => [id, name] as const)}
          onChange={setChosen}
        />
      )}
      {TASKS.map((task) => {
        const curl = curlOf(task, context);
        return (
          <Card key={task} className={styles.card}>
            <h2>{t(`task-${task}`)}</h2>
            {curl !== undefined && (
              <>
                <h3>curl</h3>
                <CopyText label={`curl, ${t(`task-${task}`)}`} text={curl} />
              </>
            )}
            <h3>TypeScript</h3>
            <CopyText label={`TypeScript, ${t(`task-${task}`)}`} text={typescriptOf(task, context)} />
          </Card>
        );
      })}
    </section>
  );
}
