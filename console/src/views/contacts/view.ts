import { Users } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/contacts',
  title: { en: 'Contacts', 'pt-BR': 'Contatos', es: 'Contactos' },
  place: { group: 'daily', order: 30, icon: Users },
  needs: 'read',
  load: async () => (await import('./ContactsView.tsx')).ContactsView,
});
