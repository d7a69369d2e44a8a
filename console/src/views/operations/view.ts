import { Gauge } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/operations',
  title: { en: 'Operations', 'pt-BR': 'Operação', es: 'Operación' },
  place: { group: 'manage', order: 180, icon: Gauge },
  needs: 'admin',
  load: async () => (await import('./OperationsView.tsx')).OperationsView,
});
