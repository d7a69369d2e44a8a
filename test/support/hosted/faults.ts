import { FAULT_KINDS, type FaultKind } from './fault-answers.js';

/** Which requests meet a fault, and what happens to them. */
export interface FaultRule {
  /** One of these, at random where there are several. */
  kinds: FaultKind[];
  /** Function or table; by default every request. */
  target?: string | RegExp;
  /** Only requests whose body has this. */
  text?: string;
  /** From 0 to 1; by default always. */
  probability?: number;
  /** How many requests at most; by default any number. */
  count?: number;
  /** `before`: nothing is done. `after`: it is done, and the answer is lost. By default before. */
  when?: 'before' | 'after';
}

/** A rule that holds until it is removed. */
export interface ActiveFault {
  /** How many requests have met it. */
  readonly hits: number;
  remove(): void;
}

/** What a request meets. */
export interface MetFault {
  kind: FaultKind;
  when: 'before' | 'after';
}

interface Entry {
  rule: FaultRule;
  hits: number;
}

/** The rules of faults; chance comes from a seed. */
export class Faults {
  private readonly entries = new Set<Entry>();
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  add(rule: FaultRule): ActiveFault {
    const entry: Entry = { rule, hits: 0 };
    this.entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => this.entries.delete(entry),
    };
  }

  clear(): void {
    this.entries.clear();
  }

  /** @returns the first fault that the request meets */
  meet(target: string, body = ''): MetFault | undefined {
    for (const entry of this.entries) {
      const { rule } = entry;
      if (
        !matches(rule.target, target) ||
        !body.includes(rule.text ?? '') ||
        entry.hits >= (rule.count ?? Infinity)
      ) {
        continue;
      }
      if (rule.probability !== undefined && this.random() >= rule.probability) {
        continue;
      }
      entry.hits += 1;
      const kind = rule.kinds[Math.floor(this.random() * rule.kinds.length)] ?? 'closed';
      return { kind, when: rule.when ?? 'before' };
    }
    return undefined;
  }

  /** Mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let value = this.state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  }
}

function matches(wanted: string | RegExp | undefined, target: string): boolean {
  if (wanted === undefined) {
    return true;
  }
  return typeof wanted === 'string' ? wanted === target : wanted.test(target);
}

/**
 * @param text `kind[,kind…][@target][:probability][*count][!after]`, e.g. `jwt-401,html-403:0.05`, `closed@ingest_inbox!after`
 * @throws Error that says what is wrong
 */
export function parseFault(text: string): FaultRule {
  const parts = /^([a-z0-9,-]+)(?:@(\w+))?(?::([\d.]+))?(?:\*(\d+))?(!after)?$/.exec(text);
  const kinds = (parts?.[1] ?? '').split(',');
  const unknown = kinds.filter((kind) => !FAULT_KINDS.includes(kind as FaultKind));
  if (parts === null || unknown.length > 0) {
    throw new Error(
      `"${text}" is no fault: <kind>[@<function>][:<probability>][*<count>][!after], kinds ${FAULT_KINDS.join(', ')}`,
    );
  }
  const [, , target, probability, count, after] = parts;
  return {
    kinds: kinds as FaultKind[],
    ...(target !== undefined && { target }),
    ...(probability !== undefined && { probability: Number(probability) }),
    ...(count !== undefined && { count: Number(count) }),
    when: after === undefined ? 'before' : 'after',
  };
}
