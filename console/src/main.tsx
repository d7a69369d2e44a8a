import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { ApiError } from './api/api-error.ts';
import { App } from './app/App.tsx';
import { BASE_PATH } from './app/base.ts';
import { ErrorBoundary } from './app/ErrorBoundary.tsx';
import { startTheme } from './app/theme.ts';
import { installServiceWorker } from './app/service-worker.ts';
import { preloadView } from './app/views.ts';
import { I18nProvider } from './i18n/I18n.tsx';
import './styles/tokens.css';
import './styles/base.css';
import { ToastProvider } from './ui/Toasts.tsx';

const MAX_RETRIES = 2;
/** Events have what is shown read again; this is for the time that a view is away. */
const STALE_MS = 30_000;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: STALE_MS,
      retry: (failures, error) => failures < MAX_RETRIES && (!(error instanceof ApiError) || error.isPassing),
    },
  },
});

startTheme();
preloadView(location.pathname.slice(BASE_PATH.length) || '/');
installServiceWorker();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <I18nProvider>
          <ErrorBoundary>
            <ToastProvider>
              <Router base={BASE_PATH}>
                <App />
              </Router>
            </ToastProvider>
          </ErrorBoundary>
        </I18nProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
