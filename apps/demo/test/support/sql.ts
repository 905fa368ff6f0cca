import { inject } from 'vitest';

/** Rows of one statement in the backend's database, as superuser: what is there, whatever a page shows. */
export async function sql<Row>(query: string, params: readonly unknown[] = []): Promise<Row[]> {
  const response = await fetch(inject('sqlUrl'), { method: 'POST', body: JSON.stringify({ query, params }) });
  const { rows, message } = (await response.json()) as { rows?: Row[]; message?: string };
  if (rows === undefined) throw new Error(message);
  return rows;
}

/** A write as the database did it. */
export interface Written {
  readonly verb: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly row: Readonly<Record<string, unknown>>;
}

/** Has the database write down, in order, whatever is done to the rows of what people queue. Call it before the tests. */
export async function keepJournal(): Promise<void> {
  await sql(`do $do$ declare watched text; begin
    create table public.journal (place int generated always as identity, kind text, verb text, "row" jsonb);
    create function public.keep_journal() returns trigger language plpgsql security definer set search_path = '' as $$ begin
      insert into public.journal (kind, verb, "row") values (tg_table_name, tg_op, coalesce(to_jsonb(new), to_jsonb(old)));
      return null;
    end $$;
    foreach watched in array array['challenge_comments', 'event_bookmarks', 'challenge_notifications'] loop
      execute format('create trigger journal after insert or update or delete on public.%I for each row execute function public.keep_journal()', watched);
    end loop;
  end $do$`);
}

/** Every write of a table's row that has these values, in the order in which the database did them. */
export function journalOf(table: string, match: Readonly<Record<string, unknown>>): Promise<Written[]> {
  return sql<Written>('select verb, "row" from public.journal where kind = $1 and "row" @> $2::jsonb order by place', [table, JSON.stringify(match)]);
}
