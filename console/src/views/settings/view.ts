import { Settings } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/settings',
  title: { en: 'Settings', 'pt-BR': 'Ajustes', es: 'Ajustes' },
  place: { group: 'manage', order: 20, icon: Settings },
  needs: 'read',
  load: async () => (await import('./SettingsView.tsx')).SettingsView,
});
