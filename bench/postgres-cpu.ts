import { readFileSync } from 'node:fs';

/** CPU that a Postgres server used so far, by process. */
export interface ServerCpu {
  /** By process id, in ms: those of the database that is measured, and those that work for all databases. */
  own: ReadonlyMap<number, number>;
  /** The same of other databases. */
  others: ReadonlyMap<number, number>;
  /** Of processes that have ended, whatever they worked for, in ms. */
  ended: number;
}

/** Of a clock tick in `/proc/<pid>/stat`, which is 1/100 s for everybody who reads it (`USER_HZ`, proc_pid_stat(5)). */
const TICK_MS = 10;

/**
 * @returns CPU of the server between two readings, in ms, without what live processes of other databases used. A process that ended
 *   meanwhile is in `ended` with its whole life, and its life before is taken off with the first reading.
 */
export function cpuBetween(first: ServerCpu, last: ServerCpu): number {
  const sum = ({ own, others, ended }: ServerCpu) =>
    ended + [...own.values(), ...others.values()].reduce((total, ms) => total + ms, 0);
  const others = [...last.others].reduce((total, [pid, ms]) => total + ms - (first.others.get(pid) ?? 0), 0);
  return sum(last) - sum(first) - others;
}

/**
 * Reads what the kernel says of a server's processes.
 * @param processes of the server, and whether they work for another database than the one that is measured
 * @returns undefined where they do not run on this machine, or it has no `/proc`
 */
export function readServerCpu(
  processes: readonly { pid: number; isOthers: boolean }[],
): ServerCpu | undefined {
  const [first] = processes;
  const postmaster = first && statOf(first.pid)?.parent;
  const stat = postmaster === undefined ? undefined : statOf(postmaster);
  if (postmaster === undefined || stat?.name !== 'postgres') {
    return undefined;
  }
  const read = (isOthers: boolean) =>
    processes
      .filter((each) => each.isOthers === isOthers)
      .flatMap(({ pid }): [number, number][] => {
        const cpuMs = onCpuMs(pid);
        return cpuMs === undefined ? [] : [[pid, cpuMs]];
      });
  return {
    own: new Map([...read(false), [postmaster, onCpuMs(postmaster) ?? 0]]),
    others: new Map(read(true)),
    ended: stat.endedChildrenMs,
  };
}

/** What the scheduler counted, in ns; a process of Postgres has one thread. */
function onCpuMs(pid: number): number | undefined {
  const ns = textOf(`/proc/${pid}/schedstat`)?.split(' ')[0];
  return ns === undefined ? undefined : Number(ns) / 1e6;
}

/** Fields as in proc_pid_stat(5): the 2nd is the name in brackets, the 4th the parent, 16th and 17th are `cutime` and `cstime`. */
function statOf(pid: number): { name: string; parent: number; endedChildrenMs: number } | undefined {
  const found = /^\d+ \((.*)\) (.*)$/s.exec(textOf(`/proc/${pid}/stat`) ?? '');
  if (!found) {
    return undefined;
  }
  const fields = found[2]!.split(' ');
  const [parent, cutime, cstime] = [fields[1], fields[13], fields[14]].map(Number);
  return { name: found[1]!, parent: parent!, endedChildrenMs: (cutime! + cstime!) * TICK_MS };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Ended meanwhile, or no Linux.
    return undefined;
  }
}
