import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { answerOf, api } from '../api/client.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { session } from '../session/session.ts';
import { Button } from '../ui/Button.tsx';
import { Checkbox } from '../ui/Checkbox.tsx';
import { Field, SecretField } from '../ui/Field.tsx';
import { Notice } from '../ui/States.tsx';
import { isEmail } from './is-email.ts';
import { messages } from './messages.ts';
import { useSignInError } from './sign-in-error.ts';
import type { FormProps } from './form-props.ts';
import styles from './SignIn.module.css';

/** As a user, with e-mail and password. */
export function PasswordForm({ staysSignedIn, onStay }: FormProps) {
  const t = useMessages(messages);
  const textOf = useSignInError();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [faults, setFaults] = useState<{ email?: string; password?: string; form?: string }>({});
  const [isBusy, setBusy] = useState(false);
  const emailInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isEmail(email)) {
      setFaults({ email: t('emailWrong') });
      emailInput.current?.focus();
      return;
    }
    if (password === '') {
      setFaults({ password: t('passwordMissing') });
      passwordInput.current?.focus();
      return;
    }
    setFaults({});
    setBusy(true);
    try {
      const body = { email: email.trim(), password };
      const answer = await answerOf(api.POST('/api/sign-in/password', { body }));
      session.signInUser(answer.session, staysSignedIn);
    } catch (cause) {
      const isWrong = cause instanceof ApiError && cause.status === 401;
      setFaults(isWrong ? { password: t('wrong') } : { form: textOf(cause) });
      passwordInput.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      {faults.form !== undefined && (
        <div role="alert">
          <Notice kind="bad">{faults.form}</Notice>
        </div>
      )}
      <Field
        ref={emailInput}
        label={t('email')}
        error={faults.email}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
      />
      <SecretField
        ref={passwordInput}
        label={t('password')}
        error={faults.password}
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
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
