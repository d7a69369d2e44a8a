import { useCallback } from 'react';
import { ApiError } from '../api/api-error.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { messages } from './messages.ts';

const KNOWN = {
  changed_meanwhile: 'changedMeanwhile',
  invalid_transition: 'invalidTransition',
  booking_not_found: 'gone',
  booking_ends_too_early: 'endTooEarly',
  unknown_service: 'unknownService',
} as const;

/** @returns says in plain words why something could not be done with a booking */
export function useBookingErrorText(): (error: unknown) => string {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return useCallback(
    (error) =>
      error instanceof ApiError && error.code in KNOWN
        ? t(KNOWN[error.code as keyof typeof KNOWN])
        : textOf(error),
    [t, textOf],
  );
}
