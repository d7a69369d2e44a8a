import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';

type Retention = Schemas['RetentionResponse'];

/** What is kept for a time, and for how many days at least. */
const FIELDS = {
  messages_days: 1,
  notes_days: 1,
  bookings_days: 1,
  inbox_bodies_days: 1,
  inbox_days: 45,
  events_days: 1,
  audit_days: 30,
} as const;
type RetentionField = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as RetentionField[];
type Days = Record<RetentionField, number | null>;

/** How long the business keeps what. */
export function RetentionSection() {
  const organizationId = useOrganizationId();
  const queryKey = [organizationId, 'retention'];
  const found = useQuery({
    queryKey,
    queryFn: async () => {
      const params = { path: { id: organizationId } };
      return (await answerOf(api.GET('/api/organizations/{id}/retention', { params }))).retention;
    },
  });
  if (found.isError && found.data === undefined) {
    return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  }
  return found.data === undefined ? (
    <Loading />
  ) : (
    <Form key={found.data.updated_at} retention={found.data} queryKey={queryKey} />
  );
}

function Form({ retention, queryKey }: { retention: Retention; queryKey: readonly string[] }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const organizationId = useOrganizationId();
  const queries = useQueryClient();
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(NAMES.map((name) => [name, retention[name] === null ? '' : String(retention[name])])),
  );
  const [fault, setFault] = useState<string>();
  const [asked, setAsked] = useState<Partial<Days>>();
  const save = useMutation({
    mutationFn: async (days: Partial<Days>) => {
      const params = { path: { id: organizationId } };
      return (await answerOf(api.PATCH('/api/organizations/{id}/retention', { params, body: days })))
        .retention;
    },
    onSuccess(saved) {
      queries.setQueryData(queryKey, saved);
      toast(t('saved'));
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = NAMES.find((name) => !isDays(texts[name]!.trim(), FIELDS[name]));
    if (wrong !== undefined) {
      setFault(t('daysWrong', { what: t(wrong), min: FIELDS[wrong] }));
      return;
    }
    const days = Object.fromEntries(NAMES.map((name) => [name, toDays(texts[name]!)])) as Days;
    if (days.inbox_days !== null && (days.inbox_bodies_days ?? Infinity) > days.inbox_days) {
      setFault(t('bodiesWrong'));
      return;
    }
    setFault(undefined);
    const changed = NAMES.filter((name) => days[name] !== retention[name]);
    const changes = Object.fromEntries(changed.map((name) => [name, days[name]])) as Partial<Days>;
    if (changed.some((name) => (days[name] ?? Infinity) < (retention[name] ?? Infinity))) {
      setAsked(changes);
    } else if (!save.isPending) {
      save.mutate(changes);
    }
  };
  const error = fault ?? (save.isError ? textOf(save.error) : undefined);
  return (
    <Card>
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.head}>
          <h2>{t('retention')}</h2>
          <p className={styles.quiet}>{t('retentionLead')}</p>
        </div>
        <div className={styles.fields}>
          {NAMES.map((name) => (
            <Field
              key={name}
              label={t(name)}
              inputMode="numeric"
              maxLength={5}
              value={texts[name]!}
              onChange={(text) => setTexts({ ...texts, [name]: text })}
            />
          ))}
        </div>
        {error !== undefined && (
          <div role="alert">
            <Notice kind="bad">{error}</Notice>
          </div>
        )}
        <div className={styles.actions}>
          <Button type="submit" look="main" isBusy={save.isPending}>
            {t('save')}
          </Button>
        </div>
      </form>
      {asked !== undefined && (
        <Confirmation
          isOpen
          onClose={() => setAsked(undefined)}
          title={t('retentionTitle')}
          description={t('retentionText')}
          action={t('retentionAction')}
          isDangerous
          errorOf={textOf}
          onConfirm={() => save.mutateAsync(asked)}
        />
      )}
    </Card>
  );
}

const toDays = (text: string): number | null => (text.trim() === '' ? null : Number(text));

function isDays(text: string, min: number): boolean {
  return text === '' || (/^\d{1,5}$/.test(text) && Number(text) >= min && Number(text) <= 36_500);
}
