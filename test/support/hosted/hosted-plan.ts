import type { RoutineSchema } from './project-schema.js';

/** The main query of a request. Its only row has `body` (JSON text), `page` (rows in it) and `total`, where it is known. */
export interface HostedPlan {
  text: string;
  params: (string | null)[];
  /** Plan.hs: `wrappedReadPlan`, `mutateReadPlan`, `callReadPlan`. */
  mode: 'read only' | 'read write';
  routine: RoutineSchema | undefined;
}
