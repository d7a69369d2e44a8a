import { answerOf, api } from '../../api/client.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { useNumberChange, type WhatsappNumber } from '../../numbers/numbers.ts';
import { Confirmation } from '../../ui/Dialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/Toasts.tsx';
import { messages } from './messages.ts';

/** Takes the device off the account, and keeps the number here, to be linked again. */
export function LogOutDialog({ number, onClose }: { number: WhatsappNumber; onClose: () => void }) {
  const t = useMessages(messages);
  const textOf = useErrorText();
  const { id, instance_name: name } = number;
  const logOut = useNumberChange(() =>
    answerOf(api.POST('/api/whatsapp/instances/{id}/logout', { params: { path: { id } } })),
  );
  return (
    <Confirmation
      isOpen
      isDangerous
      onClose={onClose}
      title={t('logOutTitle', { name })}
      description={t('logOutText')}
      action={t('logOut')}
      errorOf={textOf}
      onConfirm={async () => {
        await logOut.mutateAsync(undefined);
        toast(t('loggedOut', { name }));
      }}
    />
  );
}
