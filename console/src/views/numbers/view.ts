import { Smartphone } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/numbers',
  title: { en: 'Numbers', 'pt-BR': 'Números', es: 'Números' },
  place: { group: 'daily', order: 40, icon: Smartphone },
  needs: 'read',
  load: async () => (await import('./NumbersView.tsx')).NumbersView,
});
