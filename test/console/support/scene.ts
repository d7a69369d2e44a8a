import type { ConsoleService } from './console-service.js';
import type { Look, Visit } from './visit.js';

/**
 * Something that the page shows: a view in one of its states. `scenes.spec.ts` looks at each in light, dark and at the width of a phone, and
 * `npm run screenshots` takes its picture. Each file in `scenes/` exports `scenes`.
 */
export interface Scene {
  /** Names the picture: `numbers-empty`. */
  name: string;
  /** An open service, by default; or one where people sign in. */
  service?: 'open' | 'required';
  /** Seen so alone, instead of in the usual looks: on a screen or in a language of its own. */
  look?: Look;
  /** Makes what there is to see, once for all looks. @returns the organization that the page is about */
  prepare?: (service: ConsoleService) => Promise<string>;
  /** Goes there, and waits until it is all there. */
  show: (visit: Visit) => Promise<void>;
}

/** @returns the scene as those see it on a phone whose languages have the longest words; it may wait for no word of English */
export const inLongLanguages = (scene: Scene): Scene[] =>
  (['pt-BR', 'es'] as const).map((locale) => ({
    ...scene,
    name: `${scene.name}-${locale}`,
    look: { locale, width: 360, height: 740 },
  }));

/** @returns the scene on a screen of 4K */
export const onLargeScreen = (scene: Scene): Scene => ({
  ...scene,
  name: `${scene.name}-4k`,
  look: { width: 3840, height: 2160 },
});
