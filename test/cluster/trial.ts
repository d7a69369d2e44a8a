import { Acknowledgements } from '../chaos/acknowledgements.js';
import { Findings } from '../chaos/findings.js';
import type { Progress } from '../chaos/interruptible.js';
import { keepFiles } from '../chaos/keep-files.js';
import { Load } from '../chaos/load.js';
import { quiescence } from '../chaos/quiescence.js';
import { Random } from '../chaos/random.js';
import { Replies } from '../chaos/replies.js';
import { Town } from '../chaos/town.js';
import { judge } from '../chaos/verdict.js';
import type { World } from '../chaos/world.js';
import { Writings } from '../chaos/writings.js';
import { TestRedis } from '../support/redis.js';
import { Calls } from './calls.js';
import type { ClusterOptions } from './cluster-options.js';
import { Fleet } from './fleet.js';
import { Gaps } from './gaps.js';
import { scenariosOf } from './scenarios.js';
import { Stage } from './stage.js';
import { Subscribers } from './subscribers.js';
import { Trespasses } from './trespasses.js';
import type { TrialResult } from './trial-result.js';

const STOP_LIMIT_MS = 40_000;

/** One scenario, or several together: starts the processes, links, loads, disturbs, waits for quiet, compares, ends the processes. */
export async function runTrial(
  name: string,
  world: World,
  options: ClusterOptions,
  progress: Progress,
  interrupt: AbortSignal,
): Promise<TrialResult> {
  const startedAt = performance.now();
  const scenarios = scenariosOf(name).filter((scenario) => scenario !== undefined);
  const random = new Random(`${options.seed}/${name}`);
  const { simulator, database, timeline } = world;
  const redis = options.workers > 0 ? await TestRedis.start({ isPersistent: true }) : undefined;
  const fleet = await Fleet.prepare(world, options, redis?.url, random.fork('doors'));
  const town = new Town(simulator, options, random.fork('town'), timeline);
  const writings = new Writings(simulator, town);
  const load = new Load(town, writings, options, random.fork('load'));
  const replies = new Replies(fleet, town, options, random.fork('replies'), true);
  const calls = new Calls(fleet, town, random.fork('calls'));
  const acknowledgements = new Acknowledgements(database, writings);
  const trespasses = new Trespasses(database);
  const findings = new Findings();
  let subscribers: Subscribers | undefined;
  let isClean = false;
  try {
    await fleet.start(interrupt);
    await acknowledgements.install(fleet.subject.receivedTable);
    await trespasses.install();
    await fleet.subject.link(fleet, town);
    // A node that ends takes its subscribers with it.
    if (scenarios.every(({ needsWorkers }) => needsWorkers)) {
      const organizations = new Set(town.lines.map(({ organization }) => organization));
      subscribers = await Subscribers.join(fleet.nodes, [...organizations]);
    }
    const gaps = new Gaps(simulator);
    const faults = random.fork('faults');
    const parts = {
      options,
      world,
      fleet,
      town,
      redis,
      acknowledgements,
      gaps,
      findings,
      progress,
      interrupt,
    };
    const stage = new Stage({ ...parts, random: faults });

    const loadEnds = new AbortController();
    const stop = AbortSignal.any([loadEnds.signal, interrupt]);
    const background = [load.run(stop), replies.run(stop), calls.run(options.calls, stop)];
    try {
      for (const scenario of scenarios) {
        progress(scenario.summary);
        for (let round = 1; round <= options.rounds; round++) {
          await scenario.round(stage);
          progress(`round ${round} of ${options.rounds}, ${writings.all.length} messages`);
        }
      }
    } finally {
      loadEnds.abort();
      await Promise.all(background);
    }
    await Promise.all([writings.settled(), replies.settled(), calls.settled()]);
    // Every line shows that it works.
    load.writeToEachLine();
    await writings.settled();
    const open = await quiescence(town, writings, database, fleet.subject, options.patience, interrupt);
    await replies.repeatKeys();
    progress(open.length === 0 ? 'all is quiet; comparing' : `not quiet: ${open.join(', ')}; comparing`);

    findings.merge(
      await judge({ simulator, town, writings, replies, acknowledgements, database, isControl: false, open }),
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
    const writers = await trespasses.judge(findings);
    calls.judge(findings);
    fleet.all.forEach((each) => each.supervisor.crashes.forEach((crash) => findings.add('crashes', crash)));
    for (const each of fleet.all) {
      const outcome = await each.supervisor.stop(STOP_LIMIT_MS);
      findings.add('stops that failed', { name: each.name, outcome }, outcome === 0 ? 0 : 1);
      each.supervisor.giveaways.forEach((giveaway) => findings.add('told in the log', giveaway));
    }
    isClean = findings.isClean;
    return {
      scenario: name,
      seconds: (performance.now() - startedAt) / 1000,
      seed: options.seed,
      database: database.label,
      nodes: options.nodes,
      workers: options.workers,
      sessions: town.lines.length,
      lease: options.lease,
      written: writings.all.length,
      replies: replies.all.length,
      replyAnswers: replies.answers(),
      calls: calls.answers,
      faults: Object.fromEntries(stage.faults),
      times: Object.fromEntries(stage.times),
      gaps: gaps.all,
      longestGaps: gaps.longest(),
      comparedTimes: acknowledgements.measured,
      writers,
      heard,
      findings,
    };
  } finally {
    subscribers?.close();
    await fleet.end();
    await redis?.stop();
    if (!isClean) {
      await keepFiles(
        world,
        options,
        fleet.all.map((each) => `${each.name}.log`),
      );
    }
  }
}
