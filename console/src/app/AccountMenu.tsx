import { LogOut, Settings2 } from 'lucide-react';
import { useLocale, useMessages } from '../i18n/I18n.tsx';
import { LOCALES } from '../i18n/locales.ts';
import { NotificationItem } from '../notifications/NotificationItem.tsx';
import { useCaller } from '../session/caller.ts';
import { session } from '../session/session.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu, MenuChoice, MenuItem, MenuLine } from '../ui/Menu.tsx';
import styles from './AccountMenu.module.css';
import { messages } from './messages.ts';
import { setTheme, useTheme } from './theme.ts';

/** Who is signed in, and how the page looks to them. */
export function AccountMenu() {
  const t = useMessages(messages);
  const { me } = useCaller();
  const who = nameOf(me, t('openMode'), t('administrator'));
  return (
    <Menu
      trigger={
        <IconButton label={`${t('account')}: ${who}`}>
          <Settings2 size={22} aria-hidden />
        </IconButton>
      }
    >
      <p className={styles.who} aria-hidden>
        {who}
      </p>
      <PreferenceChoices />
      <MenuLine />
      <NotificationItem />
      {me.kind !== 'open' && (
        <>
          <MenuLine />
          <MenuItem icon={<LogOut size={20} aria-hidden />} onClick={() => void session.signOut()}>
            {t('signOut')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

/** Language and appearance: also for those who are not signed in. */
export function PreferenceChoices() {
  const t = useMessages(messages);
  const { locale, setLocale } = useLocale();
  const theme = useTheme();
  return (
    <>
      <MenuChoice label={t('language')} value={locale} options={LOCALES} onChange={setLocale} />
      <MenuLine />
      <MenuChoice
        label={t('theme')}
        value={theme}
        options={{ system: t('system'), light: t('light'), dark: t('dark') }}
        onChange={setTheme}
      />
    </>
  );
}

function nameOf({ kind, name }: { kind: string; name: string }, open: string, administrator: string): string {
  if (kind === 'open') {
    return open;
  }
  return kind === 'administrator' ? administrator : name;
}
