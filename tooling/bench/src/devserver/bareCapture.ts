import type { PGlite } from '@electric-sql/pglite';

/** The bare PGlite's tables, made when a case needs them. */
export interface Bare {
  /** Creates the benchmark's table, once; {@link NOTIFYING} has a trigger. */
  table(name: string): Promise<void>;
}

/** A table whose changes are notified by the least trigger that says what changed. */
export const NOTIFYING = 'notifying';
/** A table without a trigger. */
export const PLAIN = 'plain';

export function bareTables(pglite: PGlite): Bare {
  const made = new Map<string, Promise<void>>();
  return {
    table: (name) => {
      const known = made.get(name) ?? create(pglite, name);
      made.set(name, known);
      return known;
    },
  };
}

async function create(pglite: PGlite, name: string): Promise<void> {
  await pglite.exec(`
    create table ${name} (
      id uuid primary key, title text not null, body text, status text, priority int4, is_public bool, score float8,
      author_id uuid, created_at timestamptz not null, updated_at timestamptz, metadata jsonb);
    create index on ${name} (created_at);`);
  if (name === NOTIFYING) await pglite.exec(TRIGGER);
}

const TRIGGER = `
  create function notify_change() returns trigger language plpgsql as $$
  begin
    perform pg_notify('bench', json_build_object('table', tg_table_name, 'schema', tg_table_schema, 'type', tg_op,
      'record', row_to_json(new), 'old_record', case when tg_op = 'UPDATE' then json_build_object('id', old.id) end)::text);
    return null;
  end $$;
  create trigger notify_change after insert or update on ${NOTIFYING} for each row execute function notify_change();`;
