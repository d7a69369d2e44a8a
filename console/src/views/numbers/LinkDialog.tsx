import { useMessages } from '../../i18n/I18n.tsx';
import { LinkPhone } from '../../numbers/LinkPhone.tsx';
import type { WhatsappNumber } from '../../numbers/numbers.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { messages } from './messages.ts';

interface LinkDialogProps {
  number: WhatsappNumber;
  onClose: () => void;
  onLinked: () => void;
}

export function LinkDialog({ number, onClose, onLinked }: LinkDialogProps) {
  const t = useMessages(messages);
  return (
    <Dialog isOpen isWide onClose={onClose} title={t('linkTitle', { name: number.instance_name })}>
      <LinkPhone number={number} onLinked={onLinked} />
    </Dialog>
  );
}
