import type { Phone } from '../src/simulator/phones/phone.js';
import type { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import { SUBJECTS, type SubjectName } from './subject-name.js';

/** Customers who write to the owner of a session. */
export const CUSTOMERS = 10;
const MAX_SESSIONS = 1_000;

/** The phones: for each subject an owner of each session; the customers of session n write to all subjects' session n. */
export class Population {
  private readonly sim: WhatsAppSimulator;
  private readonly block: number;

  /** @param block makes the numbers differ from those of another population in the same network */
  constructor(sim: WhatsAppSimulator, block: number) {
    this.sim = sim;
    this.block = block;
  }

  owner(subject: SubjectName, index: number): Phone {
    return this.phone(10 + SUBJECTS.indexOf(subject), index);
  }

  customer(index: number, place: number): Phone {
    return this.phone(20 + place, index);
  }

  private phone(kind: number, index: number): Phone {
    const person = String(this.block * MAX_SESSIONS + index).padStart(5, '0');
    const number = `55119${kind}8${person}`;
    return this.sim.phone(number) ?? this.sim.addPhone({ number, name: `Phone ${kind}-${index}` });
  }
}
