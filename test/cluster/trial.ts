import { Acknowledgements } from '../chaos/acknowledgements.js';
import { Findings } from '../chaos/findings.js';
import type { Progress } from '../chaos/interruptible.js';
import { keepFiles } from '../chaos/keep-files.js';
import { Load } from '../chaos/load.js';
import { quiescence } from '../chaos/quiescence.js';
import { Random } from '../chaos/random.js';
import { Replies } from '../chaos/replies.js';
import { Population } from '../chaos/population.js';
import { judge } from '../chaos/verdict.js';
import type { Harness } from '../chaos/harness.js';
import { PhoneMessages } from '../chaos/phone-messages.js';
import { TestRedis } from '../support/redis.js';
import { Calls } from './calls.js';
import type { ClusterOptions } from './cluster-options.js';
import { ClusterProcesses } from './cluster-processes.js';
import { Gaps } from './gaps.js';
import { scenariosOf } from './scenarios.js';
import { ScenarioContext } from './scenario-context.js';
import { Subscribers } from './subscribers.js';
import { LeaseViolations } from './lease-violations.js';
import type { TrialResult } from './trial-result.js';

const STOP_LIMIT_MS = 40_000;

/** One scenario, or several together: starts the processes, links, loads, disturbs, waits for quiet, compares, ends the processes. */
export async function runTrial(
  name: string,
  harness: Harness,
  options: ClusterOptions,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<TrialResult> {
  const startedAt = performance.now();
  const scenarios = scenariosOf(name).filter((scenario) => scenario !== undefined);
  const random = new Random(`${options.seed}/${name}`);
  const { simulator, database, timeline } = harness;
  const redis = options.workers > 0 ? await TestRedis.start({ isPersistent: true }) : undefined;
  const processes = await ClusterProcesses.prepare(harness, options, redis?.url, random.fork('endpoint'));
  const population = new Population(simulator, options, random.fork('population'), timeline);
  const phoneMessages = new PhoneMessages(simulator, population);
  const load = new Load(population, phoneMessages, options, random.fork('load'));
  const replies = new Replies(processes, population, options, random.fork('replies'), true);
  const calls = new Calls(processes, population, random.fork('calls'));
  const acknowledgements = new Acknowledgements(database, phoneMessages);
  const leaseViolations = new LeaseViolations(database);
  const findings = new Findings();
  let subscribers: Subscribers | undefined;
  let isClean = false;
  try {
    await processes.start(interrupt);
    await acknowledgements.install(processes.subject.receivedTable);
    await leaseViolations.install();
    await processes.subject.link(processes, population);
    // A node that ends takes its subscribers with it.
    if (scenarios.every(({ needsWorkers }) => needsWorkers)) {
      const organizations = new Set(population.linkedNumbers.map(({ organization }) => organization));
      subscribers = await Subscribers.join(processes.nodes, [...organizations]);
    }
    const gaps = new Gaps(simulator);
    const faults = random.fork('faults');
    const parts = {
      options,
      harness,
      processes,
      population,
      redis,
      acknowledgements,
      gaps,
      findings,
      progress,
      interrupt,
    };
    const context = new ScenarioContext({ ...parts, random: faults });

    const loadEnds = new AbortController();
    const stop = AbortSignal.any([loadEnds.signal, interrupt]);
    const background = [load.run(stop), replies.run(stop), calls.run(options.calls, stop)];
    try {
      for (const scenario of scenarios) {
        progress(scenario.summary);
        for (let round = 1; round <= options.rounds; round++) {
          await scenario.round(context);
          progress(`round ${round} of ${options.rounds}, ${phoneMessages.all.length} messages`);
        }
      }
    } finally {
      loadEnds.abort();
      await Promise.all(background);
    }
    await Promise.all([phoneMessages.settled(), replies.settled(), calls.settled()]);
    // Every number shows that it works.
    load.writeToEachNumber();
    await phoneMessages.settled();
    const open = await quiescence(
      population,
      phoneMessages,
      database,
      processes.subject,
      options.patience,
      interrupt,
    );
    await replies.repeatKeys();
    progress(open.length === 0 ? 'all is quiet; comparing' : `not quiet: ${open.join(', ')}; comparing`);

    findings.merge(
      await judge({
        simulator,
        population,
        phoneMessages,
        replies,
        acknowledgements,
        database,
        isControl: false,
        open,
      }),
    );
    const figures = [
      'written without the lease',
      'crashes',
      'stops that failed',
      'told in the log',
      'not reached',
    ];
    findings.declare(...figures, ...scenarios.flatMap((scenario) => scenario.figures));
    const heard = await subscribers?.judge(database, findings, options.patience);
    const writers = await leaseViolations.judge(findings);
    calls.judge(findings);
    processes.all.forEach((each) =>
      each.supervisor.crashes.forEach((crash) => findings.add('crashes', crash)),
    );
    for (const each of processes.all) {
      const outcome = await each.supervisor.stop(STOP_LIMIT_MS);
      findings.add('stops that failed', { name: each.name, outcome }, outcome === 0 ? 0 : 1);
      each.supervisor.leaks.forEach((leak) => findings.add('told in the log', leak));
    }
    isClean = findings.isClean;
    return {
      scenario: name,
      seconds: (performance.now() - startedAt) / 1000,
      seed: options.seed,
      database: database.label,
      nodes: options.nodes,
      workers: options.workers,
      sessions: population.linkedNumbers.length,
      lease: options.lease,
      written: phoneMessages.all.length,
      replies: replies.all.length,
      replyAnswers: replies.answers(),
      calls: calls.answers,
      faults: Object.fromEntries(context.faults),
      times: Object.fromEntries(context.times),
      gaps: gaps.all,
      longestGaps: gaps.longest(),
      comparedTimes: acknowledgements.measured,
      writers,
      heard,
      findings,
    };
  } finally {
    subscribers?.close();
    await processes.end();
    await redis?.stop();
    if (!isClean) {
      await keepFiles(
        harness,
        options,
        processes.all.map((each) => `${each.name}.log`),
      );
    }
  }
}
