/** Times of the ticks. The class is its own injection token; tests shorten what they wait for. */
export class TickSettings {
  /** Between two ticks at most, in ms. */
  periodMs = 1_000;
  /** The same after a failure, and while something goes on between processes. */
  fastMs = 1_000;
  /** How long a process ticks fast after it saw such a thing, in ms. */
  hurryMs = 10_000;
}

/** What a call costs over the internet is worth waiting for. */
const HOSTED_PERIOD_MS = 5_000;

/** @param isHosted each call goes over the internet */
export function tickSettingsFor(isHosted: boolean): TickSettings {
  const settings = new TickSettings();
  return isHosted ? Object.assign(settings, { periodMs: HOSTED_PERIOD_MS }) : settings;
}
