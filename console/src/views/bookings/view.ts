import { CalendarDays } from 'lucide-react';
import { defineView } from '../../app/define-view.ts';

export const view = defineView({
  path: '/bookings',
  title: { en: 'Bookings', 'pt-BR': 'Agenda', es: 'Reservas' },
  place: { group: 'daily', order: 20, icon: CalendarDays },
  needs: 'read',
  load: async () => (await import('./BookingsView.tsx')).BookingsView,
});
