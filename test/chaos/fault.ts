/** Something bad that can happen. */
export interface Fault {
  kind: string;
  /** How often, compared with the others. */
  weight: number;
  /** What it happens to: faults of the same place exclude each other, except on connections. */
  place: 'connection' | 'whatsapp' | 'database' | 'gateway' | 'process' | 'logs';
  /** Causes it, and ends it where it has an end. */
  run(): Promise<void>;
}
