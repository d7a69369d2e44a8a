import { useRef, useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import type { Settings } from '../../organization/settings.ts';
import { useCaller } from '../../session/caller.ts';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { TextArea } from '../../ui/TextArea.tsx';
import { languageName } from './languages.ts';
import { messages } from './messages.ts';
import {
  changeOf,
  draftsOf,
  filledIn,
  type Occasion,
  OCCASIONS,
  type Placeholder,
  placeholdersOf,
  type ReplyDraft,
  replyFault,
} from './reply-drafts.ts';
import replyStyles from './Replies.module.css';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm.tsx';

/** What the service writes to clients by itself, in each language of the business. */
export function RepliesSection() {
  const t = useMessages(messages);
  const { locale } = useLocale();
  return (
    <SettingsForm
      title={t('replies')}
      lead={t('repliesLead')}
      read={(settings: Settings) => ({ replies: draftsOf(settings), languages: settings.languages })}
      toChange={({ replies, languages }) => {
        const fault = replyFault(replies, languages[0]!);
        if (fault === undefined) {
          return { automatic_replies: changeOf(replies) };
        }
        const occasion = t(fault.occasion);
        return fault.kind === 'replyMissing'
          ? t('replyMissing', { occasion, language: languageName(locale, languages[0]!) })
          : t('placeholderUnknown', { occasion, placeholder: fault.placeholder });
      }}
    >
      {(draft, setDraft) =>
        OCCASIONS.map((occasion) => (
          <Reply
            key={occasion}
            occasion={occasion}
            languages={draft.languages}
            reply={draft.replies[occasion]}
            onChange={(reply) => setDraft({ ...draft, replies: { ...draft.replies, [occasion]: reply } })}
          />
        ))
      }
    </SettingsForm>
  );
}

interface ReplyProps {
  occasion: Occasion;
  languages: readonly string[];
  reply: ReplyDraft;
  onChange: (reply: ReplyDraft) => void;
}

function Reply({ occasion, languages, reply, onChange }: ReplyProps) {
  const t = useMessages(messages);
  const isShown = reply.enabled || Object.values(reply.texts).some((text) => text !== '');
  return (
    <fieldset className={styles.group}>
      <legend>{t(occasion)}</legend>
      <Checkbox isChecked={reply.enabled} onChange={(enabled) => onChange({ ...reply, enabled })}>
        {t('replyOn')}
        <span className="visually-hidden">: {t(occasion)}</span>
      </Checkbox>
      {isShown &&
        languages.map((language) => (
          <Template
            key={language}
            occasion={occasion}
            language={language}
            text={reply.texts[language] ?? ''}
            onChange={(text) => onChange({ ...reply, texts: { ...reply.texts, [language]: text } })}
          />
        ))}
    </fieldset>
  );
}

interface TemplateProps {
  occasion: Occasion;
  language: string;
  text: string;
  onChange: (text: string) => void;
}

function Template({ occasion, language, text, onChange }: TemplateProps) {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const area = useRef<HTMLTextAreaElement>(null);
  const examples = useExamples();
  const insert = (name: Placeholder) => {
    const { selectionStart: from = text.length, selectionEnd: to = text.length } = area.current ?? {};
    const placeholder = `{{${name}}}`;
    onChange(text.slice(0, from) + placeholder + text.slice(to));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(from + placeholder.length, from + placeholder.length);
    });
  };
  return (
    <div className={styles.list}>
      <TextArea
        ref={area}
        label={t('replyText', { language: languageName(locale, language) })}
        lang={language}
        value={text}
        onChange={onChange}
        maxLength={2_000}
      />
      <div className={styles.placeholders} role="group" aria-label={t('insert')}>
        {placeholdersOf(occasion).map((name) => (
          <button key={name} type="button" className={styles.placeholder} onClick={() => insert(name)}>
            + {t(name)}
          </button>
        ))}
      </div>
      {text.trim() !== '' && (
        <figure className={replyStyles.preview}>
          <figcaption className={styles.small}>{t('preview')}</figcaption>
          <p className={replyStyles.bubble} lang={language}>
            {filledIn(text, examples)}
          </p>
        </figure>
      )}
    </div>
  );
}

function useExamples(): Record<Placeholder, string> {
  const t = useMessages(messages);
  const format = useFormats();
  const { organization } = useCaller();
  const [nine] = useState(tomorrowAtNine);
  return {
    contact_name: 'Ana',
    organization_name: organization!.name,
    opens_at: format.dateTime(nine),
    booking_title: t('services'),
    booking_service: t('booking_service'),
    booking_starts_at: format.dateTime(nine),
  };
}

function tomorrowAtNine(): Date {
  const nine = new Date();
  nine.setDate(nine.getDate() + 1);
  nine.setHours(9, 0, 0, 0);
  return nine;
}
