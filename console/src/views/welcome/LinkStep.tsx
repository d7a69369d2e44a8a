import { type FormEvent, useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { LinkPhone } from '../../numbers/LinkPhone.tsx';
import { useCreateNumber, useNumbers, type WhatsappNumber } from '../../numbers/numbers.ts';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Failed, Loading } from '../../ui/States.tsx';
import { messages } from './messages.ts';
import styles from './WelcomeView.module.css';

/** The second step: a number is made, where there is none, and linked. */
export function LinkStep({ onLinked }: { onLinked: (number: Pick<WhatsappNumber, 'id'>) => void }) {
  const numbers = useNumbers();
  const [made, setMade] = useState<Pick<WhatsappNumber, 'id' | 'phone_number'>>();
  const unlinked = numbers.data?.find(({ status }) => status !== 'connected');
  const number = made ?? unlinked;
  if (numbers.isError && numbers.data === undefined) {
    return <Failed error={numbers.error} onRetry={() => void numbers.refetch()} />;
  }
  if (numbers.data === undefined) {
    return <Loading />;
  }
  return number === undefined ? (
    <NumberName onMade={setMade} />
  ) : (
    <LinkPhone key={number.id} number={number} onLinked={() => onLinked(number)} />
  );
}

function NumberName({ onMade }: { onMade: (number: Pick<WhatsappNumber, 'id' | 'phone_number'>) => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [name, setName] = useState(t('numberDefault'));
  const create = useCreateNumber();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) {
      create.mutate(
        { name: name.trim() || t('numberDefault'), phoneNumber: undefined },
        { onSuccess: onMade },
      );
    }
  };
  return (
    <form className={styles.step} onSubmit={submit} noValidate>
      <Field
        label={t('numberName')}
        hint={t('numberHint')}
        error={create.error === null ? undefined : textOf(create.error)}
        value={name}
        onChange={setName}
        maxLength={100}
      />
      <Button type="submit" look="main" isLarge isBusy={create.isPending}>
        {t('goOn')}
      </Button>
    </form>
  );
}
