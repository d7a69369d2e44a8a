import { Acknowledgements } from './acknowledgements.js';
import type { ChaosDatabase } from './database.js';
import { databaseFaults } from './database-faults.js';
import { Findings } from './findings.js';
import { keepFiles } from './keep-files.js';
import { Killer } from './killer.js';
import { connectionFaults } from './connection-faults.js';
import { Load } from './load.js';
import { logFaults } from './log-faults.js';
import { FaultInjector } from './fault-injector.js';
import { PlainSubject } from './plain-subject.js';
import { processFaults } from './process-faults.js';
import { quiescence } from './quiescence.js';
import { Random } from './random.js';
import { Recoveries } from './recoveries.js';
import { Replies } from './replies.js';
import { ServiceSubject } from './service-subject.js';
import type { Subject } from './subject.js';
import { Supervisor } from './supervisor.js';
import { checkSelfRecovery } from './self-recovery.js';
import { Population } from './population.js';
import type { ChaosOptions } from './options.js';
import type { RoundParts, RoundResult } from './round-parts.js';
import { judge } from './verdict.js';
import { PhoneMessages } from './phone-messages.js';

const STOP_LIMIT_MS = 40_000;
/** For so many, a start of its own to make the others faster pays. */
const MANY_KILLS = 20;

/** Links, loads, kills and disturbs, waits for quiet, compares. */
export class Round {
  private readonly parts: RoundParts;
  private readonly random: Random;
  private readonly subject: Subject;
  private readonly supervisor: Supervisor;
  private readonly population: Population;
  private readonly phoneMessages: PhoneMessages;
  private readonly load: Load;
  private readonly replies: Replies;
  private readonly acknowledgements: Acknowledgements;
  private readonly recoveries: Recoveries;
  private readonly faultInjector: FaultInjector;
  private readonly killer: Killer;
  private readonly skipped: string[] = [];

  constructor(parts: RoundParts) {
    const { options, resources, simulator, database, timeline } = parts;
    this.parts = parts;
    this.random = new Random(options.seed);
    this.subject = options.control
      ? new PlainSubject(simulator, database, resources.folder)
      : new ServiceSubject(parts, options);
    this.supervisor = new Supervisor(resources, this.subject, timeline);
    this.population = new Population(simulator, options, this.random.fork('population'), timeline);
    this.phoneMessages = new PhoneMessages(simulator, this.population);
    this.load = new Load(this.population, this.phoneMessages, options, this.random.fork('load'));
    const { takesKeys } = this.subject;
    this.replies = new Replies(
      this.supervisor,
      this.population,
      options,
      this.random.fork('replies'),
      takesKeys,
    );
    this.acknowledgements = new Acknowledgements(database, this.phoneMessages);
    this.recoveries = new Recoveries(simulator);
    const { supervisor, acknowledgements, recoveries, replies, population, phoneMessages, load } = this;
    this.killer = new Killer(
      { simulator, database, supervisor, acknowledgements, recoveries, replies },
      this.random.fork('kills'),
      (line) => this.sayHowFar(line),
    );
    const random = this.random.fork('faults');
    const faults = [
      ...connectionFaults({ simulator, population, phoneMessages, load, replies }, random),
      ...databaseFaults(database, random),
      ...processFaults(supervisor, random),
      ...(options.control ? [] : logFaults(parts.logs, random)),
    ].filter(({ kind }) => isWanted(kind.replaceAll(' ', '-'), options));
    this.faultInjector = new FaultInjector(
      faults,
      options.faults,
      this.random.fork('fault injector'),
      timeline,
    );
  }

  async run(): Promise<RoundResult> {
    const { progress, database, subject, options } = { ...this.parts, subject: this.subject };
    const startedAt = performance.now();
    let isExpected = options.control;
    progress(`seed ${options.seed}: ${subject.label}, ${database.label}`);
    try {
      await this.prepare();
      await this.disturb();
      const open = await this.calmDown();
      progress(open.length === 0 ? 'all is quiet; comparing' : `not quiet: ${open.join(', ')}; comparing`);
      const databaseMb = await sizeOf(database);
      const findings = await judge({
        ...this.parts,
        population: this.population,
        phoneMessages: this.phoneMessages,
        replies: this.replies,
        acknowledgements: this.acknowledgements,
        isControl: options.control,
        open,
      });
      findings.declare('crashes', 'stops that failed', 'told in the log');
      this.supervisor.crashes.forEach((crash) => findings.add('crashes', crash));
      const outcome = await this.supervisor.stop(STOP_LIMIT_MS);
      findings.add('stops that failed', { outcome }, outcome === 0 || options.control ? 0 : 1);
      this.supervisor.leaks.forEach((leak) => findings.add('told in the log', leak));
      this.faultInjector.failures.forEach((failure) => findings.add('harness: fault failed', failure));
      isExpected ||= findings.isClean;
      return this.result(findings, databaseMb, (performance.now() - startedAt) / 1000);
    } finally {
      await this.supervisor.kill();
      if (!isExpected) {
        await keepFiles(this.parts, options);
      }
    }
  }

  private async prepare(): Promise<void> {
    const { options, interrupt, progress } = this.parts;
    this.supervisor.start();
    await this.supervisor.up(interrupt);
    await this.acknowledgements.install(this.subject.receivedTable);
    await this.subject.link(this.supervisor, this.population);
    if (options.kills >= MANY_KILLS) {
      // Node keeps the code that it compiled when it ends in peace: each later start is faster.
      await this.supervisor.stop(STOP_LIMIT_MS);
      this.supervisor.start();
      await this.supervisor.up(interrupt);
    }
    progress(`${this.population.linkedNumbers.length} numbers linked`);
  }

  private async disturb(): Promise<void> {
    const { options, simulator, interrupt } = this.parts;
    const ends = new AbortController();
    const loadEnds = new AbortController();
    const stop = AbortSignal.any([ends.signal, interrupt]);
    const stopLoad = AbortSignal.any([loadEnds.signal, interrupt]);
    const background = [this.load.run(stopLoad), this.replies.run(stopLoad)];
    const injection = this.faultInjector.run(stop);
    try {
      await this.killer.run(options, interrupt);
      const skipped = await checkSelfRecovery({
        ...this.parts,
        supervisor: this.supervisor,
        recoveries: this.recoveries,
        endFaults: async () => {
          ends.abort();
          await injection;
        },
      });
      this.skipped.push(...skipped);
    } finally {
      ends.abort();
      loadEnds.abort();
      await Promise.all([injection, ...background]);
      simulator.faults.clear();
      simulator.faults.endOutage();
    }
  }

  private sayHowFar(line: string): void {
    const early = this.acknowledgements.missing.size + this.acknowledgements.early.size;
    this.parts.progress(`${line}, ${this.phoneMessages.all.length} messages, ${early} acknowledged early`);
  }

  /** @returns what is still open after a while */
  private async calmDown(): Promise<string[]> {
    const { options, database, interrupt, progress } = this.parts;
    progress('load and faults are over; waiting until all is quiet');
    await Promise.all([this.phoneMessages.settled(), this.replies.settled()]);
    // A message that waits to be overtaken goes out after this one; and every number shows that it works.
    this.load.writeToEachNumber();
    await this.phoneMessages.settled();
    const { population, phoneMessages, subject } = this;
    const open = await quiescence(population, phoneMessages, database, subject, options.patience, interrupt);
    await this.replies.repeatKeys();
    return open;
  }

  private result(findings: Findings, databaseMb: number, seconds: number): RoundResult {
    const { options, database } = this.parts;
    return {
      subject: this.subject.label,
      database: database.label,
      seed: options.seed,
      seconds,
      written: this.phoneMessages.all.length,
      replies: this.replies.all.length,
      replyAnswers: this.replies.answers(),
      kills: this.supervisor.kills,
      killMoments: Object.fromEntries(this.killer.moments),
      failedStarts: this.supervisor.failedStarts,
      faults: Object.fromEntries(this.faultInjector.counts),
      skipped: this.skipped,
      logDrops: this.supervisor.logDrops,
      comparedTimes: this.acknowledgements.measured,
      recoveries: Object.fromEntries(this.recoveries.all),
      startMs: this.supervisor.startMs,
      databaseMb,
      harnessMb: Math.round(process.memoryUsage().rss / 1024 ** 2),
      findings,
    };
  }
}

function isWanted(kind: string, { only, without }: ChaosOptions): boolean {
  return (only.length === 0 || only.includes(kind)) && !without.includes(kind);
}

async function sizeOf(database: ChaosDatabase): Promise<number> {
  const [row] = await database.query<{ mb: number }>(
    `select (pg_database_size(current_database()) / 1048576)::int as mb`,
  );
  return row?.mb ?? 0;
}
