import { useCallback } from 'react';
import { useMessages } from '../../../i18n/I18n.tsx';
import { messages } from './messages.ts';

const REASONS: Readonly<Record<string, keyof (typeof messages)['en']>> = {
  recipient_not_on_whatsapp: 'noAccount',
  whatsapp_recipient_not_found: 'noAccount',
  whatsapp_recipient_gone: 'noAccount',
  whatsapp_contact_restricted: 'onlyAnswers',
  whatsapp_forbidden: 'account',
  whatsapp_unauthorized: 'account',
  whatsapp_rate_limited: 'tooMuch',
  whatsapp_timeout: 'notReached',
  whatsapp_internal_error: 'notReached',
  whatsapp_unavailable: 'notReached',
  encryption_failed: 'notReached',
  media_upload_failed: 'notReached',
  media_unavailable: 'noFile',
  not_confirmed: 'nobodyKnows',
  not_confirmed_in_time: 'nobodyKnows',
  session_ended: 'nobodyKnows',
  account_changed: 'nobodyKnows',
};

/** @returns says of the code of a message that was not sent why, in plain words */
export function useFailureText(): (code: string | null) => string {
  const t = useMessages(messages);
  return useCallback((code) => t(REASONS[code ?? ''] ?? 'refused'), [t]);
}
