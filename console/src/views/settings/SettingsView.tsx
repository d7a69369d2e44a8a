import { ChevronDown } from 'lucide-react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMessages } from '../../i18n/I18n.tsx';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Menu, MenuItem } from '../../ui/Menu.tsx';
import { Page } from '../../ui/Page.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { BusinessSection } from './BusinessSection.tsx';
import { CalendarFeeds } from './CalendarFeeds.tsx';
import { HoursSection } from './HoursSection.tsx';
import { messages } from './messages.ts';
import { NewNumbersSection } from './NewNumbersSection.tsx';
import { RepliesSection } from './RepliesSection.tsx';
import { RetentionSection } from './RetentionSection.tsx';
import { ServicesSection } from './ServicesSection.tsx';
import { TeamSection } from './TeamSection.tsx';

const SECTIONS = [
  { path: 'team', needs: 'read', Section: TeamSection },
  { path: 'business', needs: 'manage', Section: BusinessSection },
  { path: 'services', needs: 'manage', Section: ServicesSection },
  { path: 'hours', needs: 'manage', Section: HoursSection },
  { path: 'replies', needs: 'manage', Section: RepliesSection },
  { path: 'calendars', needs: 'manage', Section: CalendarFeeds },
  { path: 'numbers', needs: 'manage', Section: NewNumbersSection },
  { path: 'retention', needs: 'manage', Section: RetentionSection },
] as const;

/** What the organization decides for itself, in parts with an address each. */
export function SettingsView() {
  const t = useMessages(messages);
  const { may } = useCaller();
  // On a phone all of them at once would push away what they lead to.
  const isWide = useMedia('(min-width: 48rem)');
  const [place, go] = useLocation();
  const sections = SECTIONS.filter(({ needs }) => may(needs));
  const current = sections.find(({ path }) => place === `/settings/${path}`) ?? sections[0]!;
  return (
    <Page title={t('title')}>
      {isWide ? (
        <Tabs
          label={t('parts')}
          tabs={sections.map(({ path }) => ({ to: `/settings/${path}`, title: t(path) }))}
        />
      ) : (
        sections.length > 1 && (
          <nav aria-label={t('parts')}>
            <Menu trigger={<Button icon={<ChevronDown size={20} aria-hidden />}>{t(current.path)}</Button>}>
              {sections.map(({ path }) => (
                <MenuItem key={path} onClick={() => go(`/settings/${path}`)}>
                  {t(path)}
                </MenuItem>
              ))}
            </Menu>
          </nav>
        )
      )}
      <Switch>
        {sections.map(({ path, Section }) => (
          <Route key={path} path={`/settings/${path}`}>
            <Section />
          </Route>
        ))}
        <Route>
          <Redirect to={`/settings/${sections[0]!.path}`} replace />
        </Route>
      </Switch>
    </Page>
  );
}
