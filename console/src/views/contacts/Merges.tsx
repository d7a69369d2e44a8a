import { useState } from 'react';
import { type Contact, type ContactMerge } from '../../contacts/contacts.ts';
import { useUnmergeContact } from '../../contacts/change-contact.ts';
import { messages as contactMessages } from '../../contacts/messages.ts';
import { readableNumber, useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Card } from '../../ui/Page.tsx';
import { toast } from '../../ui/Toasts.tsx';
import styles from './ContactPage.module.css';
import { messages } from './messages.ts';

/** What became part of a contact, and the way back. */
export function Merges({ contact, merges }: { contact: Contact; merges: readonly ContactMerge[] }) {
  const t = useMessages(messages);
  const contactTexts = useMessages(contactMessages);
  const format = useFormats();
  const textOf = useErrorText();
  const { may } = useCaller();
  const unmerge = useUnmergeContact();
  const [undoing, setUndoing] = useState<ContactMerge>();
  const nameOf = ({ name, phone_number: phone }: ContactMerge) =>
    name ?? (phone === null ? contactTexts('unnamed') : readableNumber(phone));
  return merges.length === 0 ? null : (
    <Card className={styles.merges}>
      <h2>{t('mergedTitle')}</h2>
      <ul className={styles.merges}>
        {merges.map((merge) => (
          <li key={merge.contact_id} className={styles.merge}>
            <span className={styles.who}>
              <strong>{nameOf(merge)}</strong>
              <span className={styles.quiet}>
                {merge.phone_number !== null && `${readableNumber(merge.phone_number)} · `}
                {merge.merged_by === 'whatsapp'
                  ? t('mergedByWhatsapp')
                  : t('mergedAt', { time: format.dateTime(merge.merged_at) })}
              </span>
            </span>
            {merge.merge_id !== null && may('send') && (
              <Button onClick={() => setUndoing(merge)}>
                {t('unmerge')}
                <span className="visually-hidden">: {nameOf(merge)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {undoing !== undefined && (
        <Confirmation
          isOpen
          onClose={() => setUndoing(undefined)}
          title={t('unmergeTitle')}
          description={t('unmergeText', { name: nameOf(undoing) })}
          action={t('unmerge')}
          errorOf={textOf}
          onConfirm={async () => {
            await unmerge.mutateAsync({ id: contact.id, mergeId: undoing.merge_id! });
            toast(t('unmerged'));
          }}
        />
      )}
    </Card>
  );
}
