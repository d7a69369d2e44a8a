import { ApiError } from '../api/api-error.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { messages } from './messages.ts';

/** @returns says why signing in failed, where the person is not at fault */
export function useSignInError(): (error: unknown) => string {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return (error) => {
    if (error instanceof ApiError && error.status === 429) {
      return t('tooMany');
    }
    return error instanceof ApiError && error.status >= 500 ? t('unavailable') : textOf(error);
  };
}
