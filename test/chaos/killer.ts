import { setTimeout as delay } from 'node:timers/promises';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Acknowledgements } from './acknowledgements.js';
import type { ChaosDatabase } from './database.js';
import type { ChaosOptions } from './options.js';
import type { Random } from './random.js';
import type { Recoveries } from './recoveries.js';
import type { Supervisor } from './supervisor.js';

const SHARE_OF_LONG_LIVES = 0.06;
const TYPICAL_START_MS = 1_500;
/** Nothing may be confirmed for longer, as when WhatsApp or the database is away. */
const CONFIRMATION_LIMIT_MS = 4_000;
const PROGRESS_EVERY_MS = 10_000;

/** While the process starts, some time after it answered, or some time after it confirmed the first message. */
type KillMoment = 'while starting' | 'after it was up' | 'while confirming';

/** Kills what is tested at random moments, starts it again, and looks each time whether too much was acknowledged. */
export class Killer {
  readonly moments = new Map<string, number>();
  private readonly simulator: WhatsAppSimulator;
  private readonly supervisor: Supervisor;
  private readonly database: ChaosDatabase;
  private readonly acknowledgements: Acknowledgements;
  private readonly recoveries: Recoveries;
  private readonly random: Random;
  private readonly progress: (line: string) => void;

  constructor(
    parts: {
      simulator: WhatsAppSimulator;
      supervisor: Supervisor;
      database: ChaosDatabase;
      acknowledgements: Acknowledgements;
      recoveries: Recoveries;
    },
    random: Random,
    progress: (line: string) => void,
  ) {
    this.simulator = parts.simulator;
    this.supervisor = parts.supervisor;
    this.database = parts.database;
    this.acknowledgements = parts.acknowledgements;
    this.recoveries = parts.recoveries;
    this.random = random;
    this.progress = progress;
  }

  /** Returns with the service starting. */
  async run({ kills, duration }: ChaosOptions, interrupt: AbortSignal): Promise<void> {
    const endsAt = performance.now() + (duration ?? Infinity) * 1000;
    let saidAt = performance.now();
    for (let kill = 1; kill <= kills && performance.now() < endsAt; kill++) {
      await this.moment(interrupt);
      await this.supervisor.kill();
      this.recoveries.forget('start');
      await this.check(`kill ${kill}`, !this.database.isEmbedded);
      await delay(this.random.between(0, 200), undefined, { signal: interrupt });
      this.supervisor.start();
      if (performance.now() - saidAt > PROGRESS_EVERY_MS || kill === kills) {
        saidAt = performance.now();
        this.progress(`${kill} of ${kills} kills`);
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
      ['while confirming', 6],
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
    if (moment === 'while confirming') {
      await this.simulator
        .next('message.acknowledged', undefined, CONFIRMATION_LIMIT_MS)
        .catch(() => undefined);
    }
    const isLong = random.chance(SHARE_OF_LONG_LIVES);
    await delay(isLong ? random.between(2_000, 6_000) : random.between(0, 1_500), undefined, {
      signal: interrupt,
    });
  }

  /** A database that is down is asked after the next kill. */
  private async check(when: string, isPossible: boolean): Promise<void> {
    if (isPossible) {
      await this.acknowledgements.check(when).catch(() => undefined);
    }
  }
}
