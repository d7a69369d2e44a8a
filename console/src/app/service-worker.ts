import { BASE } from './base.ts';

/** Has the browser keep the shell of the page, once everything else was read. Absent where the page is shown without https. */
export function installServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) {
    return;
  }
  addEventListener('load', () => {
    // Without it everything works but opening the page without a connection.
    navigator.serviceWorker.register(new URL('service-worker.js', BASE)).catch(() => undefined);
  });
}
