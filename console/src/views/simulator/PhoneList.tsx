import { Bot, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { readableNumber } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { Badge, Empty, Failed, Loading } from '../../ui/States.tsx';
import { AddPhone } from './AddPhone.tsx';
import { messages } from './messages.ts';
import { usePhones } from './phones.ts';
import styles from './Simulator.module.css';

export function PhoneList() {
  const t = useMessages(messages);
  const phones = usePhones();
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button look="main" icon={<Plus size={20} aria-hidden />} onClick={() => setAdding(true)}>
      {t('add')}
    </Button>
  );
  const list = phones.data ?? [];
  return (
    <Page title={t('title')} lead={t('lead')} actions={list.length > 0 && add}>
      {phones.isError && phones.data === undefined ? (
        <Failed error={phones.error} onRetry={() => void phones.refetch()} />
      ) : phones.data === undefined ? (
        <Loading />
      ) : list.length === 0 ? (
        <Empty icon={<Bot size={32} aria-hidden />} title={t('empty')} action={add}>
          {t('emptyText')}
        </Empty>
      ) : (
        <ul className={styles.phones}>
          {list.map(({ number, name, devices }) => (
            <li key={number}>
              <Link href={`/simulator/${number}`} className={styles.phone}>
                <span className={styles.who}>
                  <strong>{name}</strong>
                  <span>{readableNumber(number)}</span>
                </span>
                {devices.length > 0 && <Badge kind="good">{t('linked')}</Badge>}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {isAdding && <AddPhone onClose={() => setAdding(false)} />}
    </Page>
  );
}
