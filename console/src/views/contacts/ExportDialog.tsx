import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import type { Contact } from '../../contacts/contacts.ts';
import { bytesText } from '../../i18n/bytes.ts';
import { useLocale, useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/States.tsx';
import styles from './ContactPage.module.css';
import { download, exportContact } from './export-contact.ts';
import { messages } from './messages.ts';

interface ExportDialogProps {
  contact: Contact;
  name: string;
  onClose: () => void;
}

/** Gives the person everything that is stored about a contact, as one file. */
export function ExportDialog({ contact, name, onClose }: ExportDialogProps) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { locale } = useLocale();
  const organizationId = useOrganizationId();
  const [bytes, setBytes] = useState(0);
  const collect = useMutation({
    async mutationFn() {
      setBytes(0);
      const file = await exportContact(organizationId, contact.id, setBytes);
      if (file !== undefined) {
        download(file, `contact-${contact.id}.json`);
      }
      return file;
    },
  });
  const size = bytesText(locale, bytes);
  const isDone = collect.data !== undefined;
  return (
    <Dialog isOpen onClose={onClose} title={t('exportTitle', { name })} description={t('exportText')}>
      <div className={styles.form}>
        <div role="status">
          {collect.isPending ? (
            <>
              <progress className={styles.progress} aria-label={t('export')} />
              <p>{t('exporting', { size })}</p>
            </>
          ) : isDone ? (
            <Notice kind="good">{t('exported', { size })}</Notice>
          ) : null}
        </div>
        {!collect.isPending && (collect.isError || (collect.isSuccess && !isDone)) && (
          <div role="alert">
            <Notice kind="bad">
              {collect.isSuccess
                ? t('exportBroken')
                : collect.error instanceof ApiError && collect.error.code === 'too_many_exports'
                  ? t('exportBusy')
                  : textOf(collect.error)}
            </Notice>
          </div>
        )}
        {isDone ? (
          <Button look="main" isLarge onClick={onClose}>
            {t('done')}
          </Button>
        ) : (
          <Button
            look="main"
            isLarge
            icon={<Download size={20} aria-hidden />}
            isBusy={collect.isPending}
            onClick={() => collect.mutate()}
          >
            {t('exportAction')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
