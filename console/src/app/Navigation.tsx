import { Ellipsis } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { useLocale, useMessages } from '../i18n/I18n.tsx';
import { Menu, MenuItem } from '../ui/Menu.tsx';
import type { View } from './define-view.ts';
import { messages } from './messages.ts';
import styles from './Navigation.module.css';

/** So many fit at the bottom of a phone of 360 px, with "More". */
const AT_THE_BOTTOM = 4;

type PlacedView = View & { place: NonNullable<View['place']> };

const placed = (views: readonly View[], group?: PlacedView['place']['group']) =>
  views.filter(
    (view): view is PlacedView =>
      view.place !== undefined && (group === undefined || view.place.group === group),
  );

/** At the side of wide screens. */
export function SideNavigation({ views }: { views: readonly View[] }) {
  const t = useMessages(messages);
  const groups = [placed(views, 'daily'), placed(views, 'manage')].filter((group) => group.length > 0);
  return (
    <nav className={styles.side} aria-label={t('navigation')}>
      {groups.map((group) => (
        <ul key={group[0]!.place.group}>
          {group.map((view) => (
            <li key={view.path}>
              <NavigationLink view={view} />
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}

/** At the bottom of phones, within reach of the thumb. */
export function BottomNavigation({ views }: { views: readonly View[] }) {
  const t = useMessages(messages);
  const { locale } = useLocale();
  const [, go] = useLocation();
  const all = [...placed(views, 'daily'), ...placed(views, 'manage')];
  const isAllShown = all.length <= AT_THE_BOTTOM + 1;
  const shown = isAllShown ? all : all.slice(0, AT_THE_BOTTOM);
  const hidden = all.slice(shown.length);
  return (
    <nav className={styles.bottom} aria-label={t('navigation')}>
      {shown.map((view) => (
        <NavigationLink key={view.path} view={view} />
      ))}
      {hidden.length > 0 && (
        <Menu
          trigger={
            <button type="button" className={styles.link}>
              <Ellipsis size={22} aria-hidden />
              {t('more')}
            </button>
          }
        >
          {hidden.map(({ path, title, place: { icon: Icon } }) => (
            <MenuItem key={path} icon={<Icon size={20} aria-hidden />} onClick={() => go(path)}>
              {title[locale]}
            </MenuItem>
          ))}
        </Menu>
      )}
    </nav>
  );
}

function NavigationLink({ view }: { view: PlacedView }) {
  const { locale } = useLocale();
  const [path] = useLocation();
  const isCurrent = path === view.path || path.startsWith(`${view.path}/`);
  const Icon = view.place.icon;
  return (
    <Link href={view.path} className={styles.link} aria-current={isCurrent ? 'page' : undefined}>
      <Icon size={22} aria-hidden />
      {view.title[locale]}
    </Link>
  );
}
