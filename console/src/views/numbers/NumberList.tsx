import { Plus, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumbers, type WhatsappNumber } from '../../numbers/numbers.ts';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty, Failed, Loading } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { AddNumber } from './AddNumber.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { LogOutDialog } from './LogOutDialog.tsx';
import { messages } from './messages.ts';
import { NumberCard } from './NumberCard.tsx';
import styles from './Numbers.module.css';
import { RemoveDialog } from './RemoveDialog.tsx';
import { RenameDialog } from './RenameDialog.tsx';

/** What is being done, to which number. */
type Doing = { what: 'add' } | { what: 'link' | 'rename' | 'log-out' | 'remove'; number: WhatsappNumber };

export function NumberList() {
  const t = useMessages(messages);
  const { may } = useCaller();
  const numbers = useNumbers();
  const [doing, setDoing] = useState<Doing>();
  const stop = () => setDoing(undefined);
  const mayManage = may('manage');
  const addButton = (
    <Button look="main" icon={<Plus size={20} aria-hidden />} onClick={() => setDoing({ what: 'add' })}>
      {t('add')}
    </Button>
  );
  const list = numbers.data ?? [];
  return (
    <Page title={t('title')} lead={t('lead')} actions={mayManage && list.length > 0 && addButton}>
      {numbers.isError && numbers.data === undefined ? (
        <Failed error={numbers.error} onRetry={() => void numbers.refetch()} />
      ) : numbers.data === undefined ? (
        <Loading />
      ) : list.length === 0 ? (
        <Empty icon={<Smartphone size={32} aria-hidden />} title={t('empty')} action={mayManage && addButton}>
          {mayManage ? t('emptyText') : t('emptyReader')}
        </Empty>
      ) : (
        <ul className={styles.list}>
          {list.map((number) => (
            <li key={number.id}>
              <NumberCard number={number} onAction={(what) => setDoing({ what, number })} />
            </li>
          ))}
        </ul>
      )}
      <AddNumber
        isOpen={doing?.what === 'add'}
        onClose={stop}
        onAdded={(number) => setDoing({ what: 'link', number })}
      />
      {doing?.what === 'link' && (
        <LinkDialog
          number={doing.number}
          onClose={stop}
          onLinked={() => {
            toast(t('linkedToast', { name: doing.number.instance_name }));
            stop();
          }}
        />
      )}
      {doing?.what === 'rename' && <RenameDialog number={doing.number} onClose={stop} />}
      {doing?.what === 'log-out' && <LogOutDialog number={doing.number} onClose={stop} />}
      {doing?.what === 'remove' && <RemoveDialog number={doing.number} onClose={stop} />}
    </Page>
  );
}
