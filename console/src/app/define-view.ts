import type { LucideIcon } from 'lucide-react';
import { type ComponentType, createElement, lazy, useState } from 'react';
import type { Locale } from '../i18n/locales.ts';
import type { Permission } from '../session/caller.ts';

/** Where the view stands in the navigation: `daily` for those at the counter, `manage` for those who set things up. */
interface Place {
  group: 'daily' | 'manage';
  /** Smaller ones come first in their group. */
  order: number;
  icon: LucideIcon;
}

interface ViewDefinition {
  /** Where it is, such as `/numbers`; what is below belongs to it, too. */
  path: string;
  title: Readonly<Record<Locale, string>>;
  /** Absent for a view that nothing in the navigation leads to. */
  place?: Place;
  /** Who may do less neither sees nor enters it. */
  needs: Permission | 'admin';
  /** Only where the service runs the simulated network. */
  needsSimulator?: boolean;
  /** It can be shown where there is no organization yet. */
  needsNoOrganization?: boolean;
  /** Reads the code of the view, which is no part of what is loaded first. */
  load: () => Promise<ComponentType>;
}

export interface View extends Omit<ViewDefinition, 'load'> {
  Component: ComponentType;
  /** Has the code read that `Component` waits for. */
  preload: () => void;
}

/**
 * Declares a view. Each folder of `views/` has a `view.ts` that exports what this returns as `view`: that is all it takes to be in the
 * navigation and to be found by its address.
 */
export function defineView({ load, ...view }: ViewDefinition): View {
  let loaded: ComponentType | undefined;
  const preload = async () => ({ default: (loaded = await load()) });
  const Later = lazy(preload);
  return {
    ...view,
    // Where the code is there nothing waits: React shows what waited no sooner than 300 ms after its placeholder.
    Component: function View() {
      const [Chosen] = useState<ComponentType>(() => loaded ?? Later);
      return createElement(Chosen);
    },
    // Browsers read a module once, and again where it could not be read.
    preload: () => void preload().catch(() => undefined),
  };
}
