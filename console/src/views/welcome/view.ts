import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/welcome',
  title: { en: 'First steps', 'pt-BR': 'Primeiros passos', es: 'Primeros pasos' },
  needs: 'manage',
  needsNoOrganization: true,
  load: async () => (await import('./WelcomeView.tsx')).WelcomeView,
});
