import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { type Permission, useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Select } from '../../ui/Select.tsx';
import { Notice } from '../../ui/States.tsx';
import styles from './Integrations.module.css';
import { useKeyChange } from './keys.ts';
import { messages } from './messages.ts';

const SCOPES = ['read', 'send', 'manage'] as const satisfies readonly Permission[];
const DAY_MS = 86_400_000;

interface CreateKeyProps {
  onClose: () => void;
  onCreated: (name: string, secret: string) => void;
}

/** Asks what a key is for, what it may do, and until when. */
export function CreateKey({ onClose, onCreated }: CreateKeyProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { may } = useCaller();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Permission[]>(['read', 'send']);
  const [days, setDays] = useState<'0' | '30' | '90' | '365'>('0');
  const [isMissing, setMissing] = useState(false);
  const create = useKeyChange((id, body: { name: string; scopes: Permission[]; expires_at?: string }) =>
    answerOf(api.POST('/api/organizations/{id}/api-keys', { params: { path: { id } }, body })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() === '' || scopes.length === 0 || create.isPending) {
      return;
    }
    const expires_at = new Date(Date.now() + Number(days) * DAY_MS).toISOString();
    create.mutate(
      { name: name.trim(), scopes: [...scopes], ...(days !== '0' && { expires_at }) },
      { onSuccess: ({ api_key, key }) => onCreated(api_key.name, key) },
    );
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('createKey')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('name')}
          hint={t('keyNameHint')}
          error={isMissing ? t('nameMissing') : undefined}
          value={name}
          onChange={setName}
          maxLength={100}
        />
        <fieldset className={styles.choices}>
          <legend>{t('scopes')}</legend>
          {SCOPES.filter(may).map((scope) => (
            <Checkbox
              key={scope}
              isChecked={scopes.includes(scope)}
              onChange={(isChecked) =>
                setScopes(SCOPES.filter((each) => (each === scope ? isChecked : scopes.includes(each))))
              }
            >
              <strong>{t(`scope-${scope}`)}</strong>: {t(`scopeText-${scope}`)}
            </Checkbox>
          ))}
        </fieldset>
        <Select
          label={t('ends')}
          value={days}
          options={[
            ['0', t('endsNever')],
            ['30', t('days', { count: 30 })],
            ['90', t('days', { count: 90 })],
            ['365', t('days', { count: 365 })],
          ]}
          onChange={setDays}
        />
        {scopes.length === 0 && <Notice kind="warn">{t('scopesMissing')}</Notice>}
        {create.isError && <Notice kind="bad">{textOf(create.error)}</Notice>}
        <Button type="submit" look="main" isLarge isBusy={create.isPending}>
          {t('createKey')}
        </Button>
      </form>
    </Dialog>
  );
}
