import { ApiError } from '../api/api-error.ts';
import { useMessages } from '../i18n/I18n.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { messages } from './messages.ts';

const KNOWN = { changed_meanwhile: 'changed', note_not_found: 'gone' } as const;

/** @returns says in plain words why something could not be done with a note */
export function useNoteErrorText(): (error: unknown) => string {
  const t = useMessages(messages);
  const textOf = useErrorText();
  return (error) =>
    error instanceof ApiError && error.code in KNOWN
      ? t(KNOWN[error.code as keyof typeof KNOWN])
      : textOf(error);
}
