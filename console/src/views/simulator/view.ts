import { Bot } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/simulator',
  title: { en: 'Simulated phones', 'pt-BR': 'Celulares simulados', es: 'Teléfonos simulados' },
  place: { group: 'manage', order: 190, icon: Bot },
  needs: 'admin',
  needsSimulator: true,
  load: async () => (await import('./SimulatorView.tsx')).SimulatorView,
});
