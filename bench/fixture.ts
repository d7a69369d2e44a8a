import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import type { Databases } from './databases.js';
import { Subject } from './subject.js';
import type { SubjectName } from './subject-name.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import { CUSTOMERS, Population } from './population.js';
import { type SessionPhones, Traffic } from './traffic.js';

export interface FixtureParts {
  sim: WhatsAppSimulator;
  databases: Databases;
  folder: string;
  /** What services require of their callers; undefined: nothing. */
  adminApiKey?: string | undefined;
  /** Called with each subject, to be stopped whatever happens. */
  onSubject: (subject: Subject) => void;
}

const LINKED_AT_ONCE = 5;

let fixtures = 0;

/** All subjects side by side, each in a fresh process with as many sessions, on one simulated network. */
export class Fixture {
  readonly subjects: Subject[] = [];
  readonly population: Population;
  readonly traffic: Traffic;
  readonly sessions: number;

  readonly sim: WhatsAppSimulator;
  /** Those of the run. */
  readonly databases: Databases;

  private constructor({ sim, databases }: FixtureParts, sessions: number) {
    this.sim = sim;
    this.databases = databases;
    this.sessions = sessions;
    this.population = new Population(sim, fixtures++);
    this.traffic = new Traffic(sim);
  }

  /** Starts the processes; links nothing yet. */
  static async start(parts: FixtureParts, names: readonly SubjectName[], sessions: number): Promise<Fixture> {
    const fixture = new Fixture(parts, sessions);
    for (const name of names) {
      const folder = join(parts.folder, `${fixtures}-${name}`);
      await mkdir(folder);
      const needsDatabase = name === 'session' || name === 'service';
      const databaseUrl = needsDatabase ? await parts.databases.create() : undefined;
      const subject = new Subject(name, {
        sim: parts.sim,
        folder,
        databaseUrl,
        ...(parts.adminApiKey !== undefined && { adminApiKey: parts.adminApiKey }),
      });
      parts.onSubject(subject);
      fixture.subjects.push(subject);
      await subject.start();
    }
    return fixture;
  }

  /** Links sessions up to a number, for each subject, a few at a time. */
  async link(from: number, to: number): Promise<void> {
    for (const subject of this.subjects) {
      for (let first = from; first < to; first += LINKED_AT_ONCE) {
        const group = range(first, Math.min(to, first + LINKED_AT_ONCE));
        await Promise.all(group.map((index) => subject.link(this.population, index)));
      }
    }
  }

  /**
   * Every session writes to each of its customers once and every customer answers, so that both sides know each other and
   * messages are of the short, usual kind.
   * @param onEvents told of Socket.IO events
   */
  async settle(onEvents: (events: ArrivedEvents) => void = this.traffic.onEvents): Promise<void> {
    for (const subject of this.subjects) {
      if (subject.name === 'service' || subject.name === 'embedded') {
        await subject.subscribe(this.sessions, onEvents);
      }
      await Promise.all(range(0, this.sessions).map((index) => this.settleSession(subject, index)));
    }
  }

  private async settleSession(subject: Subject, index: number): Promise<void> {
    for (const place of range(0, CUSTOMERS)) {
      const customer = this.population.customer(index, place);
      const text = `Hello from ${subject.name} ${index}`;
      await subject.send(index, customer.number, text);
      await customer.receives((message) => message.text === text, { timeoutMs: 60_000 });
      const answer = await customer.writes(this.population.owner(subject.name, index), 'Hello');
      await answer.acknowledged(60_000);
    }
  }

  /** How many messages the sessions of a subject acknowledged. */
  writtenTo(name: SubjectName): number {
    return this.sessions * CUSTOMERS + this.traffic.arrivedAt(name);
  }

  sessionPhones(subject: Subject): SessionPhones[] {
    return range(0, this.sessions).map((index) => ({
      subject: subject.name,
      owner: this.population.owner(subject.name, index),
      customers: range(0, CUSTOMERS).map((place) => this.population.customer(index, place)),
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.subjects.map((subject) => subject.stop()));
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
