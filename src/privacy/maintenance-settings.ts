/** Times of the maintenance of what is kept. The class is its own injection token; tests shorten what they wait for. */
export class MaintenanceSettings {
  /** How often to look for what is older than it may be, in ms. */
  intervalMs = 60 * 60_000;
  /** After the start, in ms: processes that start together have other things to do. */
  firstAfterMs = 60_000;
  /** Between two steps, in ms: everybody else comes first. */
  pauseMs = 100;
  /** Rows of each kind in a step. */
  stepRows = 1_000;
  /** Erasures that nobody worked at for so long are gone on with, in ms. */
  erasureIdleMs = 5 * 60_000;
  /** How often to look for such ones, in ms: somebody who was told that it goes on may be waiting. */
  erasureIntervalMs = 5 * 60_000;
}
