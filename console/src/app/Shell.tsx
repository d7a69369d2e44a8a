import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMessages } from '../i18n/I18n.tsx';
import { LiveProvider } from '../live/Live.tsx';
import { MessageNotifications } from '../notifications/MessageNotifications.tsx';
import { numbersQuery } from '../numbers/numbers.ts';
import { useCaller } from '../session/caller.ts';
import { ButtonLink } from '../ui/Button.tsx';
import { Page } from '../ui/Page.tsx';
import { Loading } from '../ui/States.tsx';
import { AccountMenu } from './AccountMenu.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { messages } from './messages.ts';
import { BottomNavigation, SideNavigation } from './Navigation.tsx';
import { OfflineBanner } from './OfflineBanner.tsx';
import { OrganizationMenu } from './OrganizationMenu.tsx';
import styles from './Shell.module.css';
import { useViews } from './views.ts';

/** What is around each view: navigation, business, person, and whether the page is connected. */
export function Shell() {
  const t = useMessages(messages);
  const { organization } = useCaller();
  const [path] = useLocation();
  const views = useViews();
  const content = (
    <div className={`${styles.shell} ${organization === undefined ? styles.bare : ''}`}>
      <a className={styles.skip} href="#content" onClick={focusContent}>
        {t('skip')}
      </a>
      <header className={styles.top}>
        <OrganizationMenu />
        <AccountMenu />
      </header>
      {organization !== undefined && <SideNavigation views={views} />}
      <main id="content" className={styles.main} tabIndex={-1}>
        {organization !== undefined && <OfflineBanner />}
        {/* Within a view its state stays, such as how far a list is scrolled. */}
        <ErrorBoundary key={`${path.split('/')[1]} ${organization?.id}`}>
          <Suspense fallback={<Loading />}>
            <Switch key={organization?.id}>
              <Route path="/">
                <Start />
              </Route>
              {views.map(({ path: place, Component }) => (
                <Route key={place} path={`${place}/*?`}>
                  <Component />
                </Route>
              ))}
              <Route>{organization === undefined ? <Redirect to="/" replace /> : <NotFound />}</Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      {organization !== undefined && <BottomNavigation views={views} />}
    </div>
  );
  return organization === undefined ? (
    content
  ) : (
    <LiveProvider organizationId={organization.id}>
      {content}
      <MessageNotifications />
    </LiveProvider>
  );
}

/** A link would change the address, which is the view's. */
function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** Where there is nothing yet somebody leads by the hand; otherwise the first thing that the caller may do. */
function Start() {
  const { organization, may } = useCaller();
  const views = useViews();
  const numbers = useQuery({
    ...numbersQuery(organization?.id ?? ''),
    enabled: organization !== undefined && may('manage') && may('read'),
  });
  const home = views.find(({ place }) => place !== undefined)?.path;
  if (organization === undefined) {
    return <Redirect to="/welcome" replace />;
  }
  if (numbers.isLoading) {
    return <Loading />;
  }
  if (numbers.data?.length === 0) {
    return <Redirect to="/welcome" replace />;
  }
  return home === undefined ? <NotFound /> : <Redirect to={home} replace />;
}

function NotFound() {
  const t = useMessages(messages);
  return (
    <Page title={t('notFound')} lead={t('notFoundText')}>
      <p>
        <ButtonLink to="/" look="main">
          {t('home')}
        </ButtonLink>
      </p>
    </Page>
  );
}
