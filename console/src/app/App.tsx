import { lazy, Suspense } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { useConsoleFacts, useCredentials } from '../session/caller.ts';
import { Loading } from '../ui/States.tsx';
import { CallerProvider } from './CallerProvider.tsx';
import { messages } from './messages.ts';
import { Shell } from './Shell.tsx';

const SignIn = lazy(async () => ({ default: (await import('../sign-in/SignIn.tsx')).SignIn }));

/** The page: who is not signed in signs in; everybody else sees what they may. */
export function App() {
  const t = useMessages(messages);
  const facts = useConsoleFacts();
  const credentials = useCredentials();
  if (facts.data === undefined) {
    return <Loading label={t('connecting')} />;
  }
  const { sign_in: ways, simulator, version } = facts.data;
  if (!ways.includes('open') && credentials.kind === 'none') {
    return (
      <Suspense fallback={<Loading />}>
        <SignIn ways={ways} />
      </Suspense>
    );
  }
  return (
    <CallerProvider hasSimulator={simulator} version={version}>
      <Shell />
    </CallerProvider>
  );
}
