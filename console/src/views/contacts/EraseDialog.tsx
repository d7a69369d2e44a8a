import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { ApiError } from '../../api/api-error.ts';
import { answerOf, api, type Schemas } from '../../api/client.ts';
import type { Contact } from '../../contacts/contacts.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useOrganizationId } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { messages as uiMessages } from '../../ui/messages.ts';
import { Notice } from '../../ui/States.tsx';
import styles from './ContactPage.module.css';
import { messages } from './messages.ts';

/** While an erasure goes on by itself, it is looked at so often. */
const LOOK_MS = 1_000;

interface EraseDialogProps {
  contact: Contact;
  name: string;
  onClose: () => void;
}

/** Erases a contact and everything about it, once somebody has said that they know what that means. */
export function EraseDialog({ contact, name, onClose }: EraseDialogProps) {
  const t = useMessages(messages);
  const uiTexts = useMessages(uiMessages);
  const textOf = useErrorText();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const organizationId = useOrganizationId();
  const [isSure, setSure] = useState(false);
  const [isChecked, setChecked] = useState(false);
  const erase = useMutation({
    mutationFn: async () => {
      const params = { path: { id: contact.id }, query: { organization_id: organizationId } };
      return (await answerOf(api.DELETE('/api/contacts/{id}', { params }))).receipt;
    },
  });
  const receipt = useReceipt(erase.data);
  const isDone = receipt !== undefined && receipt.erased_at !== null;
  const count = Object.values(receipt?.counts ?? {}).reduce((sum, rows) => sum + rows, 0);
  const close = () => {
    onClose();
    if (receipt !== undefined) {
      go('/contacts', { replace: true });
      void queries.invalidateQueries({ queryKey: [organizationId] });
    }
  };
  return (
    <Dialog isOpen onClose={close} title={t('eraseTitle', { name })} description={t('eraseText')}>
      <div className={styles.form}>
        <div role="status">
          {isDone ? (
            <Notice kind="good">{t('erased', { count })}</Notice>
          ) : erase.isPending || receipt !== undefined ? (
            <>
              <progress className={styles.progress} aria-label={t('erase')} />
              <p>{t('erasing', { count })}</p>
              <p className={styles.quiet}>{t('erasingHint')}</p>
            </>
          ) : null}
        </div>
        {receipt === undefined && !erase.isPending && (
          <Checkbox isChecked={isSure} onChange={setSure}>
            {t('eraseSure')}
          </Checkbox>
        )}
        {(erase.isError || (isChecked && !isSure)) && (
          <div role="alert">
            <Notice kind="bad">
              {!erase.isError
                ? t('eraseUnsure')
                : erase.error instanceof ApiError && erase.error.code === 'too_many_erasures'
                  ? t('eraseBusy')
                  : textOf(erase.error)}
            </Notice>
          </div>
        )}
        <div className={styles.actions}>
          {receipt === undefined ? (
            <>
              <Button onClick={close}>{uiTexts('cancel')}</Button>
              <Button
                look="danger"
                isBusy={erase.isPending}
                onClick={() => {
                  setChecked(true);
                  if (isSure) {
                    erase.mutate();
                  }
                }}
              >
                {t('eraseAction')}
              </Button>
            </>
          ) : (
            <Button look="main" onClick={close}>
              {t('done')}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** @returns the receipt as it is now: read again until the erasure is finished */
function useReceipt(begun: Schemas['ErasureResponse'] | undefined) {
  const organizationId = useOrganizationId();
  const { data } = useQuery({
    queryKey: [organizationId, 'erasures', begun?.id],
    queryFn: async () => {
      const params = { path: { id: begun!.id }, query: { organization_id: organizationId } };
      return (await answerOf(api.GET('/api/erasures/{id}', { params }))).receipt;
    },
    enabled: begun !== undefined && begun.erased_at === null,
    refetchInterval: ({ state }) => ((state.data?.erased_at ?? null) === null ? LOOK_MS : false),
  });
  return data ?? begun;
}
