import { performance } from 'node:perf_hooks';
import { messageOf } from '../common/error-message.js';

/** Prints a readable, timed account of what the demo does, and counts what failed. */
export class Transcript {
  private readonly startedAt = performance.now();
  private stepCount = 0;
  private failureCount = 0;

  get failures(): number {
    return this.failureCount;
  }

  /**
   * Does one step and says how it went.
   * @param title what happens, as a person would say it
   * @param action does it; what it returns is handed on
   * @throws what the action throws, after it was shown
   */
  async step<Result>(title: string, action: () => Promise<Result>): Promise<Result> {
    this.stepCount += 1;
    const startedAt = performance.now();
    console.log(`\n${this.clock()}  ${this.stepCount}. ${title}`);
    try {
      const result = await action();
      console.log(`           ok (${Math.round(performance.now() - startedAt)} ms)`);
      return result;
    } catch (error) {
      this.failureCount += 1;
      console.log(`           FAILED: ${messageOf(error)}`);
      throw error;
    }
  }

  /** Shows a fact that belongs to the current step. */
  show(label: string, value: unknown): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    console.log(`           ${label.padEnd(10)} ${text}`);
  }

  /** Shows a line that belongs to no step. */
  say(line = ''): void {
    console.log(line);
  }

  /** Seconds since the demo began, e.g. ` 1.234s`. */
  private clock(): string {
    return `${((performance.now() - this.startedAt) / 1000).toFixed(3)}s`.padStart(9);
  }
}
