import { setTimeout as delay } from 'node:timers/promises';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Acknowledgements } from './acknowledgements.js';
import type { ChaosDatabase } from './database.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import type { Recoveries } from './recoveries.js';
import type { Replies } from './replies.js';
import type { Supervisor } from './supervisor.js';

const SHARE_OF_LONG_RUNS = 0.06;
const TYPICAL_START_MS = 1_500;
/** Nothing may be confirmed for longer, as when WhatsApp or the database is away. */
const CONFIRMATION_LIMIT_MS = 4_000;
/** From the moment that is waited for until the kill, mostly. */
const RUN_MS = 900;
const LONG_RUN_MS = 5_000;
/** What a send goes through takes about so long. */
const SEND_MS = 120;
const PROGRESS_EVERY_MS = 30_000;

/** While the process starts; some time after it answered, or after it confirmed the first message; in the middle of a send. */
type KillMoment = 'while starting' | 'after it was up' | 'while confirming' | 'while sending';

/** Kills what is tested at random moments, starts it again, and looks each time whether too much was acknowledged. */
export class Killer {
  readonly moments = new Map<string, number>();
  private readonly simulator: WhatsAppSimulator;
  private readonly supervisor: Supervisor;
  private readonly database: ChaosDatabase;
  private readonly acknowledgements: Acknowledgements;
  private readonly recoveries: Recoveries;
  private readonly replies: Replies;
  private readonly random: Random;
  private readonly progress: (line: string) => void;

  constructor(
    parts: {
      simulator: WhatsAppSimulator;
      supervisor: Supervisor;
      database: ChaosDatabase;
      acknowledgements: Acknowledgements;
      recoveries: Recoveries;
      replies: Replies;
    },
    random: Random,
    progress: (line: string) => void,
  ) {
    this.simulator = parts.simulator;
    this.supervisor = parts.supervisor;
    this.database = parts.database;
    this.acknowledgements = parts.acknowledgements;
    this.recoveries = parts.recoveries;
    this.replies = parts.replies;
    this.random = random;
    this.progress = progress;
  }

  /** Returns with the service starting. */
  async run({ kills, duration }: ChaosOptions, interrupt: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const endsAt = startedAt + (duration ?? Infinity) * 1000;
    let said = { at: startedAt, kill: 0 };
    for (let kill = 1; kill <= kills && performance.now() < endsAt; kill++) {
      await this.moment(interrupt);
      await this.supervisor.kill();
      this.recoveries.forget('start');
      const checked = this.check(`kill ${kill}`, !this.database.isEmbedded);
      await delay(this.random.between(0, 200), undefined, { signal: interrupt });
      this.supervisor.start();
      // What the dead process confirmed is not delivered again: nobody can store it later.
      await checked;
      const now = performance.now();
      if (now - said.at > PROGRESS_EVERY_MS || kill === kills) {
        const each = (now - said.at) / 1000 / (kill - said.kill);
        said = { at: now, kill };
        this.progress(`${kill} of ${kills} kills, ${each.toFixed(1)} s each`);
      }
    }
    await this.supervisor.up(interrupt);
  }

  /** Waits for the moment of the next kill. */
  private async moment(interrupt: AbortSignal): Promise<void> {
    const { random, supervisor } = this;
    const moment = random.weighted<KillMoment>([
      ['while starting', 2],
      ['after it was up', 2],
      ['while confirming', 5],
      ['while sending', 2],
    ]);
    this.moments.set(moment, (this.moments.get(moment) ?? 0) + 1);
    if (moment === 'while starting') {
      const typical = supervisor.startMs.at(-1) ?? TYPICAL_START_MS;
      await delay(random.between(0, typical * 1.1), undefined, { signal: interrupt });
      return;
    }
    await supervisor.up(interrupt);
    this.recoveries.expect('start');
    await this.check('a start', this.database.isEmbedded);
    if (moment !== 'after it was up') {
      await this.simulator
        .next('message.acknowledged', undefined, CONFIRMATION_LIMIT_MS)
        .catch(() => undefined);
    }
    const limit = random.chance(SHARE_OF_LONG_RUNS) ? LONG_RUN_MS : RUN_MS;
    await delay(random.between(0, limit), undefined, { signal: interrupt });
    if (moment === 'while sending') {
      this.replies.sendOne();
      await delay(random.between(0, SEND_MS), undefined, { signal: interrupt });
    }
  }

  /** A database that is down is asked after the next kill. */
  private async check(when: string, isPossible: boolean): Promise<void> {
    if (isPossible) {
      await this.acknowledgements.check(when).catch(() => undefined);
    }
  }
}
