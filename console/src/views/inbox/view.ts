import { MessagesSquare } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';
import { hasKeptOutgoing } from './data/kept-outgoing.ts';

export const view = defineView({
  path: '/inbox',
  title: { en: 'Inbox', 'pt-BR': 'Conversas', es: 'Conversaciones' },
  place: { group: 'daily', order: 10, icon: MessagesSquare },
  needs: 'read',
  load: async () => (await import('./InboxView.tsx')).InboxView,
});

// What waited when the page was loaded again goes on, whichever view is shown.
if (hasKeptOutgoing()) {
  void import('./data/outbox.ts');
}
