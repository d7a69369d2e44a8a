import { BookOpen, RadioTower } from 'lucide-react';
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { BASE } from '../../app/base.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Page } from '../../ui/Page.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { Events } from './Events.tsx';
import { Examples } from './Examples.tsx';
import styles from './Integrations.module.css';
import { KeyList } from './KeyList.tsx';
import { messages } from './messages.ts';
import { WebhookList } from './WebhookList.tsx';
import { WebhookPage } from './WebhookPage.tsx';

/** How other programs come to what is here: keys, webhooks, events, and how to begin. */
export function IntegrationsView() {
  const t = useMessages(messages);
  return (
    <Switch>
      <Route path="/integrations/webhooks/:id">{({ id }) => <WebhookPage key={id} id={id} />}</Route>
      <Route>
        <Page
          title={t('title')}
          lead={t('lead')}
          actions={
            <>
              <Document path="api/docs" icon={<BookOpen size={20} aria-hidden />}>
                {t('apiDocs')}
              </Document>
              <Document path="api/events-docs" icon={<RadioTower size={20} aria-hidden />}>
                {t('eventDocs')}
              </Document>
            </>
          }
        >
          <Tabs
            label={t('title')}
            tabs={[
              { to: '/integrations', title: t('keys') },
              { to: '/integrations/webhooks', title: t('webhooks') },
              { to: '/integrations/events', title: t('events') },
              { to: '/integrations/examples', title: t('examples') },
            ]}
          />
          <Switch>
            <Route path="/integrations/webhooks">
              <WebhookList />
            </Route>
            <Route path="/integrations/events">
              <Events />
            </Route>
            <Route path="/integrations/examples">
              <Examples />
            </Route>
            <Route>
              <KeyList />
            </Route>
          </Switch>
        </Page>
      </Route>
    </Switch>
  );
}

/** A document of the service, which is no part of this page. */
function Document({ path, icon, children }: { path: string; icon: ReactNode; children: ReactNode }) {
  return (
    <a className={styles.document} href={new URL(path, BASE).href} target="_blank" rel="noreferrer">
      {icon}
      {children}
    </a>
  );
}
