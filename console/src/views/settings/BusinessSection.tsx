import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import type { Settings } from '../../organization/settings.ts';
import { useCaller } from '../../session/caller.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { Select } from '../../ui/Select.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { ArrowUp, X } from 'lucide-react';
import { LANGUAGES, languageName } from './languages.ts';
import { messages } from './messages.ts';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm.tsx';

const ZONES = Intl.supportedValuesOf('timeZone');

/** What the business is called, where it is, how it speaks, and what opens a booking. */
export function BusinessSection() {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const { may } = useCaller();
  return (
    <div className={styles.sections}>
      {may('admin') && <NameForm />}
      <SettingsForm
        title={t('business')}
        read={({ time_zone, languages, booking_policy }: Settings) => ({
          zone: time_zone,
          languages,
          policy: booking_policy,
        })}
        toChange={({ zone, languages, policy }) =>
          zone !== 'UTC' && !ZONES.includes(zone)
            ? t('zoneUnknown')
            : { time_zone: zone, languages, booking_policy: policy }
        }
      >
        {(draft, setDraft) => (
          <>
            <Field
              label={t('zone')}
              hint={t('zoneHint')}
              list="time-zones"
              value={draft.zone}
              onChange={(zone) => setDraft({ ...draft, zone: zone.trim() })}
              spellCheck={false}
              autoComplete="off"
            />
            <datalist id="time-zones">
              {ZONES.map((zone) => (
                <option key={zone} value={zone}>
                  {zone}
                </option>
              ))}
            </datalist>
            <fieldset className={styles.group}>
              <legend>{t('languages')}</legend>
              <p className={styles.small}>{t('languagesHint')}</p>
              <ul className={styles.list}>
                {draft.languages.map((language, place) => (
                  <li key={language} className={styles.person}>
                    <span className={styles.who}>{languageName(locale, language)}</span>
                    {place === 0 && <span className={styles.small}>{t('mainLanguage')}</span>}
                    {place > 0 && (
                      <span className={styles.tools}>
                        <IconButton
                          label={t('makeMain', { language: languageName(locale, language) })}
                          onClick={() =>
                            setDraft({
                              ...draft,
                              languages: [language, ...draft.languages.filter((each) => each !== language)],
                            })
                          }
                        >
                          <ArrowUp size={20} aria-hidden />
                        </IconButton>
                        <IconButton
                          label={t('removeNamed', { name: languageName(locale, language) })}
                          onClick={() =>
                            setDraft({
                              ...draft,
                              languages: draft.languages.filter((each) => each !== language),
                            })
                          }
                        >
                          <X size={20} aria-hidden />
                        </IconButton>
                      </span>
                    )}
                  </li>
                ))}
              </ul>
              {draft.languages.length < 10 && (
                <Select
                  label={t('addLanguage')}
                  value=""
                  options={[
                    ['', '–'],
                    ...LANGUAGES.filter((language) => !draft.languages.includes(language)).map(
                      (language) => [language, languageName(locale, language)] as const,
                    ),
                  ]}
                  onChange={(language) =>
                    language !== '' && setDraft({ ...draft, languages: [...draft.languages, language] })
                  }
                />
              )}
            </fieldset>
            <Select
              label={t('policy')}
              hint={t('policyHint')}
              value={draft.policy ?? ''}
              options={[
                ['', t('policyDefault')],
                ['one-open', t('policyOneOpen')],
                ['every-message', t('policyEvery')],
                ['off', t('policyOff')],
              ]}
              onChange={(policy) =>
                setDraft({ ...draft, policy: policy === '' ? null : (policy as Settings['booking_policy']) })
              }
            />
          </>
        )}
      </SettingsForm>
    </div>
  );
}

/** Names the business: for administrators. */
function NameForm() {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { organization } = useCaller();
  const queries = useQueryClient();
  const [name, setName] = useState(organization!.name);
  const rename = useMutation({
    mutationFn: () =>
      answerOf(
        api.PATCH('/api/organizations/{id}', {
          params: { path: { id: organization!.id } },
          body: { name: name.trim() },
        }),
      ),
    onSuccess() {
      toast(t('saved'));
      return queries.invalidateQueries({ queryKey: ['me'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '' && !rename.isPending) {
      rename.mutate();
    }
  };
  return (
    <Card>
      <form className={styles.form} onSubmit={submit} noValidate>
        <h2>{t('name')}</h2>
        <Field
          label={t('businessName')}
          value={name}
          onChange={setName}
          maxLength={100}
          error={name.trim() === '' ? t('nameMissing') : rename.isError ? textOf(rename.error) : undefined}
        />
        <div className={styles.actions}>
          <Button type="submit" isBusy={rename.isPending}>
            {t('rename')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
