import { Route, Switch } from 'wouter';
import { useMessages } from '../../i18n/I18n.tsx';
import { Page } from '../../ui/Page.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { Audit } from './Audit.tsx';
import { DeadMessages } from './DeadMessages.tsx';
import { messages } from './messages.ts';
import { Nodes } from './Nodes.tsx';
import { Overview } from './Overview.tsx';

/** How the whole service does, for those who run it. */
export function OperationsView() {
  const t = useMessages(messages);
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Tabs
        label={t('title')}
        tabs={[
          { to: '/operations', title: t('overview') },
          { to: '/operations/nodes', title: t('nodes') },
          { to: '/operations/dead', title: t('dead') },
          { to: '/operations/audit', title: t('audit') },
        ]}
      />
      <Switch>
        <Route path="/operations/nodes">
          <Nodes />
        </Route>
        <Route path="/operations/dead">
          <DeadMessages />
        </Route>
        <Route path="/operations/audit">
          <Audit />
        </Route>
        <Route>
          <Overview />
        </Route>
      </Switch>
    </Page>
  );
}
