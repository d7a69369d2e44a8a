import { type FormEvent, useState } from 'react';
import { isChangedMeanwhile } from '../../api/versions.ts';
import { type Contact, contactName } from '../../contacts/contacts.ts';
import { useReadContact, useRenameContact } from '../../contacts/change-contact.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { ConflictChoice } from '../../ui/ConflictChoice.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Field } from '../../ui/Field.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './ContactPage.module.css';
import { messages } from './messages.ts';

/** Names a contact, where nobody else did while somebody wrote. */
export function RenameDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const textOf = useErrorText();
  const rename = useRenameContact();
  const read = useReadContact();
  const [seen, setSeen] = useState(contact);
  const [theirs, setTheirs] = useState<Contact>();
  const [name, setName] = useState(contact.name_source === 'person' ? contact.name : '');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const save = async (over: Contact) => {
    setBusy(true);
    setError(undefined);
    try {
      const { answer: now, version } = await read(contact.id);
      if (now.name !== over.name) {
        setTheirs(now);
        return;
      }
      await rename.mutateAsync({ id: contact.id, name: name.trim() === '' ? null : name.trim(), version });
      toast(t('saved'));
      onClose();
    } catch (cause) {
      if (isChangedMeanwhile(cause)) {
        setTheirs(
          await read(contact.id).then(
            ({ answer }) => answer,
            () => over,
          ),
        );
      } else {
        setError(cause);
      }
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) {
      void save(seen);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('rename')}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <Field
          label={t('name')}
          hint={t('nameHint')}
          error={error === undefined ? undefined : textOf(error)}
          value={name}
          onChange={setName}
          maxLength={200}
        />
        {theirs === undefined ? (
          <Button type="submit" look="main" isLarge isBusy={isBusy}>
            {t('save')}
          </Button>
        ) : (
          <ConflictChoice
            isSaving={isBusy}
            onTakeTheirs={onClose}
            onKeepMine={() => {
              setSeen(theirs);
              setTheirs(undefined);
              void save(theirs);
            }}
          >
            {t('renamedMeanwhile', { name: contactName(theirs, contactTexts('unnamed')) })}
          </ConflictChoice>
        )}
      </form>
    </Dialog>
  );
}
