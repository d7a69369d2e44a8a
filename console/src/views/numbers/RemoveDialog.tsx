import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumberChange, type WhatsappNumber } from '../../numbers/numbers.ts';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';

export function RemoveDialog({ number, onClose }: { number: WhatsappNumber; onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { id, instance_name: name } = number;
  const remove = useNumberChange(() =>
    answerOf(api.DELETE('/api/whatsapp/instances/{id}', { params: { path: { id } } })),
  );
  return (
    <Confirmation
      isOpen
      isDangerous
      onClose={onClose}
      title={t('removeTitle', { name })}
      description={t('removeText')}
      action={t('removeAction')}
      errorOf={textOf}
      onConfirm={async () => {
        const answer = await remove.mutateAsync(undefined);
        toast('logout' in answer ? t('removedLater', { name }) : t('removed', { name }));
      }}
    />
  );
}
