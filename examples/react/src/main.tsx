import { createClient } from '@auzap/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { AuzapContext } from './auzap-context.js';
import { Inbox } from './inbox.js';

/** Shows the inbox of a service in an element of the page. */
export function showInbox(element: Element, options: Parameters<typeof createClient>[0]): void {
  createRoot(element).render(
    <StrictMode>
      {/* The client repeats what can be repeated by itself. */}
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <AuzapContext value={createClient(options)}>
          <Inbox />
        </AuzapContext>
      </QueryClientProvider>
    </StrictMode>,
  );
}
