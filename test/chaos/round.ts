import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Acknowledgements } from './acknowledgements.js';
import { databaseFaults } from './database-faults.js';
import { Findings } from './findings.js';
import { Killer } from './killer.js';
import { lineFaults } from './line-faults.js';
import { Load } from './load.js';
import { Mayhem } from './mayhem.js';
import { PlainSubject } from './plain-subject.js';
import { processFaults } from './process-faults.js';
import { quiescence } from './quiescence.js';
import { Random } from './random.js';
import { Recoveries } from './recoveries.js';
import { Replies } from './replies.js';
import { ServiceSubject } from './service-subject.js';
import type { Subject } from './subject.js';
import { Supervisor } from './supervisor.js';
import { surviveWithoutRestart } from './survival.js';
import { Town } from './town.js';
import type { RoundParts, RoundResult } from './round-parts.js';
import { judge } from './verdict.js';
import { Writings } from './writings.js';

const STOP_LIMIT_MS = 40_000;

/** Links, loads, kills and disturbs, waits for quiet, compares. */
export class Round {
  private readonly parts: RoundParts;
  private readonly random: Random;
  private readonly subject: Subject;
  private readonly supervisor: Supervisor;
  private readonly town: Town;
  private readonly writings: Writings;
  private readonly replies: Replies;
  private readonly acknowledgements: Acknowledgements;
  private readonly recoveries: Recoveries;
  private readonly mayhem: Mayhem;
  private readonly killer: Killer;
  private readonly skipped: string[] = [];

  constructor(parts: RoundParts) {
    const { options, estate, simulator, database, timeline } = parts;
    this.parts = parts;
    this.random = new Random(options.seed);
    this.subject = options.control
      ? new PlainSubject(simulator, database, estate.folder)
      : new ServiceSubject(simulator, database, estate.folder, options.dist);
    this.supervisor = new Supervisor(estate, this.subject, timeline);
    this.town = new Town(simulator, options, this.random.fork('town'), timeline);
    this.writings = new Writings(simulator, this.town);
    const { takesKeys } = this.subject;
    this.replies = new Replies(this.supervisor, this.town, options, this.random.fork('replies'), takesKeys);
    this.acknowledgements = new Acknowledgements(database, this.writings);
    this.recoveries = new Recoveries(simulator);
    const { supervisor, acknowledgements, recoveries } = this;
    this.killer = new Killer(
      { simulator, database, supervisor, acknowledgements, recoveries },
      this.random.fork('kills'),
      (line) => this.sayHowFar(line),
    );
    const random = this.random.fork('faults');
    const faults = [
      ...lineFaults(simulator, this.town, this.writings, random),
      ...databaseFaults(database, random),
      ...processFaults(this.supervisor, random),
    ].filter(({ kind }) => !options.without.includes(kind.replaceAll(' ', '-')));
    this.mayhem = new Mayhem(faults, options.faults, this.random.fork('mayhem'), timeline);
  }

  async run(): Promise<RoundResult> {
    const { progress, database, subject, options } = { ...this.parts, subject: this.subject };
    const startedAt = performance.now();
    progress(`seed ${options.seed}: ${subject.label}, ${database.label}`);
    try {
      await this.prepare();
      await this.disturb();
      const open = await this.calmDown();
      progress(open.length === 0 ? 'all is quiet; comparing' : `not quiet: ${open.join(', ')}; comparing`);
      const findings = await judge({
        ...this.parts,
        town: this.town,
        writings: this.writings,
        replies: this.replies,
        acknowledgements: this.acknowledgements,
        isControl: options.control,
        open,
      });
      findings.declare('crashes', 'stops that failed');
      this.supervisor.crashes.forEach((crash) => findings.add('crashes', crash));
      const outcome = await this.supervisor.stop(STOP_LIMIT_MS);
      findings.add('stops that failed', { outcome }, outcome === 0 || options.control ? 0 : 1);
      this.mayhem.failures.forEach((failure) => findings.add('harness: fault failed', failure));
      return this.result(findings, (performance.now() - startedAt) / 1000);
    } finally {
      await this.supervisor.kill();
      await this.keepLog();
    }
  }

  private async prepare(): Promise<void> {
    const { interrupt, progress } = this.parts;
    this.supervisor.start();
    const url = await this.supervisor.up(interrupt);
    await this.acknowledgements.install(this.subject.receivedTable);
    await this.subject.link(url, this.town);
    progress(`${this.town.lines.length} numbers linked`);
  }

  private async disturb(): Promise<void> {
    const { options, simulator, interrupt } = this.parts;
    const ends = new AbortController();
    const loadEnds = new AbortController();
    const stop = AbortSignal.any([ends.signal, interrupt]);
    const stopLoad = AbortSignal.any([loadEnds.signal, interrupt]);
    const load = new Load(this.town, this.writings, options, this.random.fork('load'));
    const background = [load.run(stopLoad), this.replies.run(stopLoad)];
    const mayhem = this.mayhem.run(stop);
    try {
      await this.killer.run(options, interrupt);
      const skipped = await surviveWithoutRestart({
        ...this.parts,
        supervisor: this.supervisor,
        recoveries: this.recoveries,
        endMayhem: async () => {
          ends.abort();
          await mayhem;
        },
      });
      this.skipped.push(...skipped);
    } finally {
      ends.abort();
      loadEnds.abort();
      await Promise.all([mayhem, ...background]);
      simulator.faults.clear();
      simulator.faults.endOutage();
    }
  }

  private sayHowFar(line: string): void {
    const early = this.acknowledgements.missing.size + this.acknowledgements.early.size;
    this.parts.progress(`${line}, ${this.writings.all.length} messages, ${early} acknowledged early`);
  }

  /** @returns what is still open after a while */
  private async calmDown(): Promise<string[]> {
    const { options, database, interrupt, progress } = this.parts;
    progress('load and faults are over; waiting until all is quiet');
    await Promise.all([this.writings.settled(), this.replies.settled()]);
    // A message that waits to be overtaken goes out after this one; and every line shows that it works.
    new Load(this.town, this.writings, options, this.random.fork('last')).writeToEachLine();
    await this.writings.settled();
    return quiescence(this.town, this.writings, database, this.subject, options.patience, interrupt);
  }

  private result(findings: Findings, seconds: number): RoundResult {
    const { options, database } = this.parts;
    return {
      subject: this.subject.label,
      database: database.label,
      seed: options.seed,
      seconds,
      written: this.writings.all.length,
      replies: this.replies.all.length,
      replyAnswers: this.replies.answers(),
      kills: this.supervisor.kills,
      killMoments: Object.fromEntries(this.killer.moments),
      failedStarts: this.supervisor.failedStarts,
      faults: Object.fromEntries(this.mayhem.counts),
      skipped: this.skipped,
      comparedTimes: this.acknowledgements.measured,
      recoveries: Object.fromEntries(this.recoveries.all),
      startMs: this.supervisor.startMs,
      findings,
    };
  }

  /** The service's log goes with the estate; a failure needs it. */
  private async keepLog(): Promise<void> {
    const { estate, options } = this.parts;
    await copyFile(
      join(estate.folder, 'service.log'),
      join(options.report, `${options.seed}-service.log`),
    ).catch(() => undefined);
  }
}
