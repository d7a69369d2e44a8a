import { useCallback } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { messages } from './messages.ts';

/** Codes that have a sentence in the person's language; of others the service's own sentence is shown. */
const KNOWN = {
  network: 'network',
  rate_limited: 'rateLimited',
  permission_denied: 'notAllowed',
  organization_forbidden: 'notAllowed',
  organization_closed: 'organizationClosed',
  whatsapp_unavailable: 'whatsappUnavailable',
  pairing_rate_limited: 'pairingRateLimited',
  too_many_pairings: 'rateLimited',
  instance_busy: 'busy',
} as const satisfies Record<string, keyof (typeof messages)['en']>;

/** @returns says in plain words why something failed */
export function useErrorText(): (error: unknown) => string {
  const t = useMessages(messages);
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) {
        return t('unknownError');
      }
      if (error.code in KNOWN) {
        return t(KNOWN[error.code as keyof typeof KNOWN]);
      }
      if (error.status >= 500) {
        return t('serverError', { id: error.requestId ?? '–' });
      }
      return error.details.length > 0 ? error.details.map(({ message }) => message).join(' ') : error.message;
    },
    [t],
  );
}
