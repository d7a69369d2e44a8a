import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { messages } from './messages.ts';
import { organizationIdOf } from './organization-id.ts';
import styles from './WelcomeView.module.css';

/** The first step: the business gets a name. */
export function NameStep({ onNamed }: { onNamed: (organizationId: string) => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [isMissing, setMissing] = useState(false);
  const create = useMutation({
    mutationFn: async (text: string) => {
      const body = { id: organizationIdOf(text), name: text };
      const { organization } = await answerOf(api.POST('/api/organizations', { body }));
      await queries.invalidateQueries({ queryKey: ['me'] });
      return organization.id;
    },
    onSuccess: onNamed,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = name.trim();
    setMissing(text === '');
    if (text !== '' && !create.isPending) {
      create.mutate(text);
    }
  };
  return (
    <form className={styles.step} onSubmit={submit} noValidate>
      <Field
        label={t('businessName')}
        hint={t('businessHint')}
        error={isMissing ? t('businessMissing') : create.error === null ? undefined : textOf(create.error)}
        value={name}
        onChange={setName}
        maxLength={100}
        autoComplete="organization"
      />
      <Button type="submit" look="main" isLarge isBusy={create.isPending}>
        {t('goOn')}
      </Button>
    </form>
  );
}
