import type { ChaosDatabase } from '../chaos/database.js';
import type { Findings } from '../chaos/findings.js';

const WATCHED: [table: string, events: string, instance: string][] = [
  ['public.inbox', 'insert', 'instance_id'],
  ['public.whatsapp_session_keys', 'insert or update', 'instance_id'],
  ['public.whatsapp_instances', 'update of session_data', 'id'],
];

/**
 * Has the database note every write to a session by a process that does not own it at that moment. A process is known by
 * the name of its connections, which is its node id here.
 */
export class LeaseViolations {
  private readonly database: ChaosDatabase;

  constructor(database: ChaosDatabase) {
    this.database = database;
  }

  async install(): Promise<void> {
    const statements = [
      `create table cluster_lease_violations (at timestamptz not null default clock_timestamp(), process text not null,
        owner text, place text not null, instance_id uuid not null)`,
      `create table cluster_writers (process text primary key)`,
      `create function cluster_note() returns trigger language plpgsql security definer as $$
        declare
          v_process constant text := current_setting('application_name');
          v_instance constant uuid := to_jsonb(new) ->> tg_argv[0];
          v_owner text;
        begin
          select lease_owner into v_owner from public.whatsapp_instances where id = v_instance;
          -- What nobody runs any more may be wiped by anybody when it is deleted.
          if v_owner is distinct from v_process and to_jsonb(new) ->> 'deleted_at' is null then
            insert into public.cluster_lease_violations (process, owner, place, instance_id)
              values (v_process, v_owner, tg_table_name, v_instance);
          end if;
          insert into public.cluster_writers values (v_process) on conflict do nothing;
          return null;
        end $$`,
      ...WATCHED.map(
        ([table, events, column]) =>
          `create trigger cluster_note after ${events} on ${table} for each row execute function cluster_note('${column}')`,
      ),
    ];
    for (const statement of statements) {
      await this.database.query(statement);
    }
  }

  /** @returns the processes that wrote to sessions, so that it shows that writes are seen */
  async judge(findings: Findings): Promise<string[]> {
    const rows = await this.database.query(`select * from cluster_lease_violations order by at`);
    rows.forEach((row) => findings.add('written without the lease', row));
    const writers = await this.database.query<{ process: string }>(
      `select process from cluster_writers order by 1`,
    );
    return writers.map(({ process }) => process);
  }
}
