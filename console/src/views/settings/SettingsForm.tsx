import { type FormEvent, type ReactNode, useState } from 'react';
import { isChangedMeanwhile } from '../../api/versions.ts';
import {
  type Settings,
  type SettingsChange,
  useChangeSettings,
  useSettings,
} from '../../organization/settings.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ConflictChoice } from '../../ui/ConflictChoice.tsx';
import { Card } from '../../ui/Page.tsx';
import { Failed, Loading, Notice } from '../../ui/States.tsx';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';

interface SettingsFormProps<Draft> {
  title: string;
  lead?: ReactNode;
  /** @returns what somebody begins with */
  read: (settings: Settings) => Draft;
  /** @returns what is sent of it; or a text that says what is wrong with it, where something is */
  toChange: (draft: Draft) => SettingsChange | string;
  children: (draft: Draft, setDraft: (draft: Draft) => void) => ReactNode;
}

/**
 * A part of the settings to change. What is written is saved over what was seen: where somebody else changed the settings meanwhile, it
 * stays, and the person chooses.
 */
export function SettingsForm<Draft>(props: SettingsFormProps<Draft>) {
  const settings = useSettings();
  if (settings.isError && settings.data === undefined) {
    return <Failed error={settings.error} onRetry={() => void settings.refetch()} />;
  }
  return settings.data === undefined ? (
    <Loading />
  ) : (
    <Form
      {...props}
      settings={settings.data.answer.settings}
      version={settings.data.version}
      readAgain={() => settings.refetch()}
    />
  );
}

interface FormProps<Draft> extends SettingsFormProps<Draft> {
  settings: Settings;
  version: string;
  readAgain: () => Promise<unknown>;
}

function Form<Draft>({
  title,
  lead,
  read,
  toChange,
  children,
  settings,
  version,
  readAgain,
}: FormProps<Draft>) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const change = useChangeSettings();
  const [seen, setSeen] = useState({ settings, version });
  const [draft, setDraft] = useState(() => read(settings));
  const [fault, setFault] = useState<string>();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(read(seen.settings));
  const isConflict = isChangedMeanwhile(change.error);
  // What somebody else made of them is on its way.
  const isReading = isConflict && seen.version === version;
  // Nobody wrote anything yet: what somebody else changed is simply shown.
  if (seen.version !== version && !isChanged) {
    setSeen({ settings, version });
    setDraft(read(settings));
  }

  const save = (over: string) => {
    const changes = toChange(draft);
    setFault(typeof changes === 'string' ? changes : undefined);
    if (typeof changes === 'string' || change.isPending) {
      return;
    }
    change.mutate(
      { change: changes, version: over },
      {
        onSuccess({ answer, version: next }) {
          setSeen({ settings: answer.settings, version: next });
          setDraft(read(answer.settings));
          toast(t('saved'));
        },
        onError: (error) => {
          if (isChangedMeanwhile(error)) {
            void readAgain();
          }
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(seen.version);
  };
  const error = fault ?? (change.isError && !isConflict ? textOf(change.error) : undefined);
  return (
    <Card>
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.head}>
          <h2>{title}</h2>
          {lead !== undefined && <p className={styles.quiet}>{lead}</p>}
        </div>
        {children(draft, setDraft)}
        {error !== undefined && (
          <div role="alert">
            <Notice kind="bad">{error}</Notice>
          </div>
        )}
        {isConflict ? (
          <ConflictChoice
            isReading={isReading}
            isSaving={change.isPending}
            onTakeTheirs={() => {
              setSeen({ settings, version });
              setDraft(read(settings));
              change.reset();
            }}
            onKeepMine={() => save(version)}
          >
            {t('changedMeanwhile')}
          </ConflictChoice>
        ) : (
          <div className={styles.actions}>
            <Button type="submit" look="main" isBusy={change.isPending}>
              {t('save')}
            </Button>
          </div>
        )}
      </form>
    </Card>
  );
}
