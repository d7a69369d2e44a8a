import { useMessages } from '../i18n/I18n.tsx';
import { messages } from './messages.ts';
import { toast } from './Toasts.tsx';

/** @returns puts a text where other programs paste it from, and says how that went */
export function useCopy(): (text: string) => void {
  const t = useMessages(messages);
  return (text) => {
    void copy(text).then((isCopied) => (isCopied ? toast(t('copied')) : toast(t('notCopied'), 'bad')));
  };
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** The way of pages that are not shown over https, nor on this device: they have no other one. */
function copySelected(text: string): boolean {
  const area = document.createElement('textarea');
  const before = document.activeElement;
  area.value = text;
  area.readOnly = true;
  area.className = 'visually-hidden';
  // Dialogs keep the focus in themselves.
  (before?.closest('[role="dialog"], [role="alertdialog"]') ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    (before as HTMLElement | null)?.focus();
  }
}
