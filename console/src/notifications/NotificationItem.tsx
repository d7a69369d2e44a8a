import { Bell, BellOff } from 'lucide-react';
import { useMessages } from '../i18n/I18n.tsx';
import { MenuItem } from '../ui/Menu.tsx';
import { toast } from '../ui/Toasts.tsx';
import { messages } from './messages.ts';
import { notifications, useNotificationState } from './notifications.ts';

/** Item of a menu: turns notifications of new messages on or off. */
export function NotificationItem() {
  const t = useMessages(messages);
  const state = useNotificationState();
  if (state === 'unknown') {
    return null;
  }
  if (state === 'on') {
    return (
      <MenuItem icon={<BellOff size={20} aria-hidden />} onClick={() => notifications.turnOff()}>
        {t('turnOff')}
      </MenuItem>
    );
  }
  const turnOn = async () => {
    const isOn = (await notifications.turnOn()) === 'on';
    toast(isOn ? t('isOn') : t('blocked'), isOn ? 'good' : 'bad');
  };
  return (
    <MenuItem icon={<Bell size={20} aria-hidden />} onClick={() => void turnOn()}>
      {t('turnOn')}
    </MenuItem>
  );
}
