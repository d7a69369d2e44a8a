import { type FormEvent, useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { messages } from './messages.ts';
import styles from './Numbers.module.css';

interface NameFormProps {
  initial: string;
  action: string;
  isBusy: boolean;
  error: unknown;
  onSubmit: (name: string) => void;
}

/** What a number is called. */
export function NameForm({ initial, action, isBusy, error, onSubmit }: NameFormProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [name, setName] = useState(initial);
  const [isMissing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === '');
    if (name.trim() !== '' && !isBusy) {
      onSubmit(name.trim());
    }
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field
        label={t('name')}
        hint={t('nameHint')}
        error={isMissing ? t('nameMissing') : error === null ? undefined : textOf(error)}
        value={name}
        onChange={setName}
        maxLength={100}
      />
      <Button type="submit" look="main" isLarge isBusy={isBusy}>
        {action}
      </Button>
    </form>
  );
}
