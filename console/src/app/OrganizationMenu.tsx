import { ChevronsUpDown, Plus } from 'lucide-react';
import { useLocation } from 'wouter';
import { useMessages } from '../i18n/I18n.tsx';
import { useCaller } from '../session/caller.ts';
import { Menu, MenuChoice, MenuItem, MenuLine } from '../ui/Menu.tsx';
import { messages } from './messages.ts';
import { Mark } from './Mark.tsx';
import styles from './OrganizationMenu.module.css';

/** Which business the page is about; a choice where there are several. */
export function OrganizationMenu() {
  const t = useMessages(messages);
  const { organization, organizations, choose, may } = useCaller();
  const [, go] = useLocation();
  const name = organization?.name ?? 'AuZap';
  if (organization === undefined || (organizations.length < 2 && !may('admin'))) {
    return (
      <p className={styles.name}>
        <Mark />
        <span className={styles.text}>{name}</span>
      </p>
    );
  }
  return (
    <Menu
      trigger={
        <button type="button" className={styles.name}>
          <Mark />
          <span className={styles.text}>
            <span className="visually-hidden">{t('business')}: </span>
            {name}
          </span>
          <ChevronsUpDown size={18} aria-hidden />
        </button>
      }
    >
      <MenuChoice
        label={t('business')}
        value={organization.id}
        options={Object.fromEntries(organizations.map(({ id, name: text }) => [id, text]))}
        onChange={(id) => {
          choose(id);
          go('/');
        }}
      />
      {may('admin') && (
        <>
          <MenuLine />
          <MenuItem icon={<Plus size={20} aria-hidden />} onClick={() => go('/welcome/new')}>
            {t('newBusiness')}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
