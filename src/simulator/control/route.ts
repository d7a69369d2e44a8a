import type { ControlTarget } from './control-target.js';
import type { Fields } from './fields.js';

/** What a route gets: the network, path parameters and checked input (JSON body or query string). */
export interface RouteCall {
  readonly simulator: ControlTarget;
  readonly params: Readonly<Record<string, string>>;
  readonly input: Fields;
}

/** One operation of the control API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/control`; `:name` is a parameter. */
  readonly path: string;
  readonly summary: string;
  readonly answer: (call: RouteCall) => unknown;
}
