import type { Aim } from './aims.js';
import type { StoredBytes } from './databases.js';
import { costOf, type RoundFigures } from './load-figures.js';
import type { SubjectMemory } from './memory.js';
import type { BenchFigures } from './report.js';
import type { StartFigures } from './starts.js';
import type { SubjectSpeed } from './speed.js';
import { type RoundMeasure, rowsOfLoad, type SummaryRow, summaryRow } from './summary-row.js';

/** To the event; of bare Baileys, which has none, to its receipt. */
const p50 = ({ event, acknowledged }: RoundFigures) => event.p50 ?? acknowledged.p50;
const p99 = ({ event, acknowledged }: RoundFigures) => event.p99 ?? acknowledged.p99;
const postgresCpu = ({ postgres }: RoundFigures) => postgres?.perMessage.cpuMs;

const SATURATED: RoundMeasure[] = [
  {
    measure: 'messages/s, saturated,',
    digits: 0,
    valueOf: ({ rate }) => rate,
    ratio: 'service / bare',
    aim: { of: 'ratio', is: '≥', bound: 0.8 },
  },
  {
    measure: 'CPU of the process for 1,000 messages, s, saturated,',
    digits: 2,
    valueOf: costOf,
    ratio: 'bare / service',
    aim: { of: 'ratio', is: '≥', bound: 0.9 },
  },
  {
    measure: 'CPU of Postgres for 1,000 messages, s, saturated,',
    digits: 2,
    valueOf: postgresCpu,
    aim: { of: 'value', is: '≤', bound: 0.3 },
  },
];

const HALF: RoundMeasure[] = [
  {
    measure: 'p50, ms, at half of the saturated load,',
    digits: 1,
    valueOf: p50,
    ratio: 'service / bare',
    aim: { of: 'ratio', is: '≤', bound: 2.5 },
  },
  {
    measure: 'p99, ms, at half of the saturated load,',
    digits: 1,
    valueOf: p99,
    ratio: 'service / bare',
    aim: { of: 'ratio', is: '≤', bound: 3 },
  },
];

/** Aims at a rate of so many messages per second for one number, in ms. */
const AIMS_AT: Record<number, { p99?: Aim; postgresCpu?: Aim }> = {
  20: { postgresCpu: { of: 'value', is: '≤', bound: 1.5 } },
  50: { p99: { of: 'value', is: '<', bound: 50 } },
};

/** Of what one more idle number takes. */
const IDLE: Aim = { of: 'ratio', is: '≤', bound: 1.3 };
const READY: Aim = { of: 'value', is: '<', bound: 2_000 };

const MEBIBYTE = 1024 * 1024;

/** What a run measured, as far as the table is made of it. */
type Measured = Pick<BenchFigures, 'speed' | 'memory' | 'starts'>;

/** @returns what the project aims at, and what was measured of it in one run */
export function summarize({ speed, memory, starts }: Measured): SummaryRow[] {
  const each = (rowsOf: (where: string, subjects: readonly SubjectSpeed[]) => SummaryRow[]) =>
    speed.flatMap(({ sessions, subjects }) => rowsOf(numbers(sessions), subjects));
  return [
    ...each((where, subjects) => rowsOfLoad(where, subjects, ({ saturated }) => saturated, SATURATED)),
    ...each(steadyRows),
    ...each((where, subjects) => rowsOfLoad(where, subjects, ({ half }) => half, HALF)),
    ...speed.flatMap(({ sessions, subjects, stored }) => databaseRows(numbers(sessions), subjects, stored)),
    ...memoryRows(memory),
    ...startRows(starts),
  ];
}

function steadyRows(where: string, subjects: readonly SubjectSpeed[]): SummaryRow[] {
  const rates = subjects[0]?.steady.map(({ rate }) => rate) ?? [];
  return rates.flatMap((rate) => {
    const aims = AIMS_AT[rate];
    const measures: RoundMeasure[] = [
      { measure: 'p50, ms,', digits: 1, valueOf: p50, ratio: 'service / bare' },
      { measure: 'p99, ms,', digits: 1, valueOf: p99, ratio: 'service / bare', aim: aims?.p99 },
      { measure: 'CPU of the process a message, ms,', digits: 2, valueOf: costOf, ratio: 'bare / service' },
      { measure: 'CPU of Postgres a message, ms,', digits: 2, valueOf: postgresCpu, aim: aims?.postgresCpu },
    ];
    return rowsOfLoad(`at ${rate}/s, ${where}`, subjects, steadyAt(rate), measures);
  });
}

function databaseRows(
  where: string,
  subjects: readonly SubjectSpeed[],
  stored: StoredBytes | undefined,
): SummaryRow[] {
  const rows = stored && Math.round(stored.inbox + stored.messages + stored.events);
  const measures: RoundMeasure[] = [
    {
      measure: 'transactions a message,',
      digits: 2,
      valueOf: ({ postgres }) => postgres?.perMessage.transactions,
    },
    {
      measure: `WAL a message, bytes${rows === undefined ? '' : ` (its rows take ${rows})`},`,
      digits: 0,
      valueOf: ({ postgres }) => postgres?.perMessage.walBytes,
    },
  ];
  const rates = subjects[0]?.steady.map(({ rate }) => rate) ?? [];
  return [
    ...rates
      .slice(0, 1)
      .flatMap((rate) => rowsOfLoad(`at ${rate}/s, ${where}`, subjects, steadyAt(rate), measures)),
    ...rowsOfLoad(`saturated, ${where}`, subjects, ({ saturated }) => saturated, measures),
  ];
}

function steadyAt(rate: number) {
  return ({ steady }: SubjectSpeed) => steady.find((each) => each.rate === rate)?.figures;
}

function memoryRows(memory: BenchFigures['memory']): SummaryRow[] {
  const row = (
    measure: string,
    { aim, bytesOf }: { aim?: Aim; bytesOf: (subject: SubjectMemory) => number | undefined },
  ) => {
    const of = (name: string) => {
      const found = memory.find(({ subject }) => subject === name);
      const bytes = found && bytesOf(found);
      return bytes === undefined ? [] : [bytes / MEBIBYTE];
    };
    const digits = aim ? 2 : 0;
    return summaryRow(
      { measure, digits, ratio: 'service / bare', aim },
      { bare: of('bare'), service: of('service') },
    );
  };
  const linked = memory[0]?.points.filter(({ sessions, after }) => sessions > 0 && after === 'linking') ?? [];
  const perSession = linked.length > 1 ? (['linking', 'restart'] as const) : [];
  return [
    ...linked.map(({ sessions }) =>
      row(`RSS with ${sessions} idle number${sessions === 1 ? '' : 's'}, MiB`, {
        bytesOf: ({ points }) =>
          points.find((point) => point.sessions === sessions && point.after === 'linking')?.rss,
      }),
    ),
    ...perSession.flatMap((after) => [
      row(`heap of one more idle number after ${after}, MiB`, {
        aim: IDLE,
        bytesOf: (subject) => subject.perSession[after]?.heap,
      }),
      row(`RSS of one more idle number after ${after}, MiB`, {
        aim: IDLE,
        bytesOf: (subject) => subject.perSession[after]?.rss,
      }),
    ]),
  ];
}

function startRows(starts: StartFigures | undefined): SummaryRow[] {
  if (!starts) {
    return [];
  }
  const measure = 'ready, embedded database, second start, ms';
  return [summaryRow({ measure, digits: 0, aim: READY }, { service: starts.againMs })];
}

function numbers(count: number): string {
  return `${count} number${count === 1 ? '' : 's'}`;
}
