import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { checkKey } from './sign-in-calls.ts';
import { session } from '../session/session.ts';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { SecretField } from '../ui/Field.tsx';
import { messages } from './messages.ts';
import type { FormProps } from './form-props.ts';
import styles from './SignIn.module.css';

/** With a key of the service. */
export function KeyForm({ staysSignedIn, onStay }: FormProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [key, setKey] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const fail = (text: string) => {
    setError(text);
    input.current?.focus();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const token = key.trim();
    if (token === '') {
      fail(t('keyMissing'));
      return;
    }
    setBusy(true);
    try {
      await checkKey(token);
      session.signIn({ kind: 'api_key', token }, staysSignedIn);
    } catch (cause) {
      fail(cause instanceof ApiError && cause.status === 401 ? t('keyWrong') : textOf(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      <SecretField
        ref={input}
        label={t('key')}
        hint={t('keyHint')}
        error={error}
        value={key}
        onChange={setKey}
        name="key"
        autoComplete="current-password"
        showLabel={t('show')}
        hideLabel={t('hide')}
      />
      <Checkbox isChecked={staysSignedIn} onChange={onStay}>
        {t('stay')}
      </Checkbox>
      <Button type="submit" look="main" isLarge isBusy={isBusy}>
        {t('signIn')}
      </Button>
    </form>
  );
}
