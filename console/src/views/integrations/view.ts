import { Plug } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/integrations',
  title: { en: 'Integrations', 'pt-BR': 'Integrações', es: 'Integraciones' },
  place: { group: 'manage', order: 120, icon: Plug },
  needs: 'manage',
  load: async () => (await import('./IntegrationsView.tsx')).IntegrationsView,
});
