import type { Fixture } from './fixture.js';
import type { MemoryReading } from './process-probe.js';
import type { SubjectName } from './subject-name.js';

/** What a subject's process takes with so many idle sessions, in bytes. */
export interface MemoryPoint extends MemoryReading {
  sessions: number;
  /** Linked in this process's life, or brought back by a restart. */
  after: 'linking' | 'restart';
}

export interface SubjectMemory {
  subject: SubjectName;
  points: MemoryPoint[];
  /** Per session, in bytes: from the fewest to the most, after linking and after a restart. */
  perSession: Record<'linking' | 'restart', MemoryReading | undefined>;
}

/**
 * Links ever more sessions and looks at the memory in between, then restarts every process with all of them.
 * @param counts ascending
 */
export async function measureMemory(
  fixture: Fixture,
  counts: readonly number[],
  onProgress: (text: string) => void,
): Promise<SubjectMemory[]> {
  const points = new Map<SubjectName, MemoryPoint[]>(fixture.subjects.map(({ name }) => [name, []]));
  const look = async (sessions: number, after: MemoryPoint['after']) => {
    for (const subject of fixture.subjects) {
      points.get(subject.name)?.push({ sessions, after, ...(await subject.memory()) });
    }
  };
  await look(0, 'linking');
  let linked = 0;
  for (const count of counts) {
    onProgress(`  linking ${count - linked} more sessions`);
    await fixture.link(linked, count);
    linked = count;
    await look(count, 'linking');
  }
  onProgress(`  restarting with ${linked} sessions`);
  for (const subject of fixture.subjects) {
    await subject.restart(fixture.population, linked);
  }
  await look(linked, 'restart');
  return fixture.subjects.map(({ name }) => toFigures(name, points.get(name) ?? []));
}

/** The first session brings code and tables into memory that all of them share, so the others are counted. */
function toFigures(subject: SubjectName, points: MemoryPoint[]): SubjectMemory {
  const first = points.find(({ sessions }) => sessions > 0);
  const perSession = (after: MemoryPoint['after']): MemoryReading | undefined => {
    const full = points.findLast((point) => point.after === after);
    if (!first || !full || full.sessions === first.sessions) {
      return undefined;
    }
    const more = full.sessions - first.sessions;
    return { rss: (full.rss - first.rss) / more, heap: (full.heap - first.heap) / more };
  };
  return { subject, points, perSession: { linking: perSession('linking'), restart: perSession('restart') } };
}
