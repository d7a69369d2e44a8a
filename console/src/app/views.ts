import { useCaller } from '../session/caller.ts';
import type { View } from './define-view.ts';

const MODULES = import.meta.glob<{ view: View }>('../views/*/view.ts', { eager: true });

const VIEWS: readonly View[] = Object.values(MODULES)
  .map(({ view }) => view)
  .toSorted((a, b) => (a.place?.order ?? Infinity) - (b.place?.order ?? Infinity));

/** @returns the views that the caller may enter, in the order of the navigation */
export function useViews(): readonly View[] {
  const { may, hasSimulator, organization } = useCaller();
  return VIEWS.filter(
    ({ needs, needsSimulator = false, needsNoOrganization = false }) =>
      may(needs) && (!needsSimulator || hasSimulator) && (needsNoOrganization || organization !== undefined),
  );
}

/**
 * Has the code of a view read, so that it comes while the page finds out who is there.
 * @param path of the page, such as `/bookings/calendar`; at `/` the first view is shown
 */
export function preloadView(path: string): void {
  const view = path === '/' ? VIEWS[0] : VIEWS.find((one) => `${path}/`.startsWith(`${one.path}/`));
  view?.preload();
}
