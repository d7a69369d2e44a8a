import { MailCheck } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { answerOf, api } from '../api/client.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Notice } from '../ui/States.tsx';
import { isEmail } from './is-email.ts';
import { messages } from './messages.ts';
import { useSignInError } from './sign-in-error.ts';
import styles from './SignIn.module.css';

/** As a user, with a link that comes by e-mail. */
export function LinkForm() {
  const t = useMessages(messages);
  const textOf = useSignInError();
  const [email, setEmail] = useState('');
  const [error, setError] = useState<string>();
  const [sentTo, setSentTo] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    if (!isEmail(email)) {
      setError(t('emailWrong'));
      input.current?.focus();
      return;
    }
    setBusy(true);
    try {
      await answerOf(api.POST('/api/sign-in/magic-link', { body: { email: email.trim() } }));
      setSentTo(email.trim());
    } catch (cause) {
      setError(textOf(cause));
    } finally {
      setBusy(false);
    }
  };
  if (sentTo !== undefined) {
    return (
      <div role="status">
        <Notice kind="good" icon={<MailCheck size={22} aria-hidden />}>
          <strong>{t('linkSent')}</strong>
          <span>{t('linkSentText', { email: sentTo })}</span>
        </Notice>
      </div>
    );
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      <Field
        ref={input}
        label={t('email')}
        error={error}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={setEmail}
      />
      <Button type="submit" look="main" isLarge isBusy={isBusy}>
        {t('sendLink')}
      </Button>
    </form>
  );
}
