import { useMessages } from '../../i18n/I18n.tsx';
import type { Settings } from '../../organization/settings.ts';
import { Select } from '../../ui/Select.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm.tsx';

/** What new numbers do with the time before they were linked, and with groups. */
export function NewNumbersSection() {
  const t = useMessages(messages);
  return (
    <SettingsForm
      title={t('numbers')}
      lead={t('numbersLead')}
      read={({ history, groups }: Settings) => ({ history, groups })}
      toChange={(draft) => draft}
    >
      {(draft, setDraft) => (
        <>
          <Select
            label={t('historyPolicy')}
            value={draft.history}
            options={{
              ignore: t('historyIgnore'),
              store: t('historyStore'),
              contacts: t('historyContacts'),
            }}
            onChange={(history) => setDraft({ ...draft, history })}
          />
          <Select
            label={t('groupsPolicy')}
            value={draft.groups}
            options={{ ignore: t('groupsIgnore'), store: t('groupsStore') }}
            onChange={(groups) => setDraft({ ...draft, groups })}
          />
          <p className={styles.small}>{t('mediaNote')}</p>
        </>
      )}
    </SettingsForm>
  );
}
