import { type FormEvent, useState } from 'react';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/States.tsx';
import { TextArea } from '../../ui/TextArea.tsx';
import type { Kind, KindValues } from './kinds.ts';
import { messages } from './messages.ts';
import styles from './Simulator.module.css';

/** What the control API takes, less what base64 and the rest of the body need. */
const MAX_FILE_BYTES = 700_000;

interface KindDialogProps {
  kind: Kind;
  error: unknown;
  isBusy: boolean;
  onClose: () => void;
  onWrite: (content: object) => void;
}

/** Asks for what a message of some kind has in it. */
export function KindDialog({ kind, error, isBusy, onClose, onWrite }: KindDialogProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(kind.fields.map(({ name, initial = '' }) => [name, initial])),
  );
  const [file, setFile] = useState<File>();
  const [isTooLarge, setTooLarge] = useState(false);
  const [isViewOnce, setViewOnce] = useState(false);
  const [isForwarded, setForwarded] = useState(false);
  const hasFile = kind.fields.some(({ type }) => type === 'file');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTooLarge(file !== undefined && file.size > MAX_FILE_BYTES);
    if (isBusy || (file !== undefined && file.size > MAX_FILE_BYTES)) {
      return;
    }
    const values: KindValues = {
      text: (name) => texts[name]!.trim(),
      number: (name) => Number(texts[name]),
      lines: (name) => texts[name]!.split('\n').flatMap((line) => line.trim() || []),
      file: file === undefined ? {} : { file: { base64: await base64Of(file) }, mimetype: file.type },
      fileName: file?.name,
    };
    onWrite({
      ...kind.content(values),
      ...(isViewOnce && { viewOnce: true }),
      ...(isForwarded && { forwarded: true }),
    });
  };
  return (
    <Dialog isOpen onClose={onClose} title={t(kind.label)}>
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        {kind.fields.map(({ name, label, type = 'text' }) => {
          const common = {
            label: t(label),
            value: texts[name]!,
            onChange: (value: string) => setTexts({ ...texts, [name]: value }),
          };
          switch (type) {
            case 'file':
              return (
                <label key={name} className={styles.file}>
                  {t(label)}
                  <input type="file" onChange={(event) => setFile(event.target.files?.[0])} />
                  <span className={styles.hint}>{t('fileHint')}</span>
                </label>
              );
            case 'lines':
              return <TextArea key={name} {...common} hint={t('linesHint')} />;
            case 'number':
              return <Field key={name} {...common} type="number" step="any" />;
            case 'text':
              return <Field key={name} {...common} />;
          }
        })}
        {hasFile && (
          <Checkbox isChecked={isViewOnce} onChange={setViewOnce}>
            {t('viewOnce')}
          </Checkbox>
        )}
        <Checkbox isChecked={isForwarded} onChange={setForwarded}>
          {t('forwarded')}
        </Checkbox>
        {isTooLarge && <Notice kind="bad">{t('tooLarge')}</Notice>}
        {error !== null && <Notice kind="bad">{textOf(error)}</Notice>}
        <Button type="submit" look="main" isLarge isBusy={isBusy}>
          {t('send')}
        </Button>
      </form>
    </Dialog>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}
