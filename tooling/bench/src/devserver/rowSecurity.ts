import type { PGlite } from '@electric-sql/pglite';
import { contest } from '../measure.ts';
import { costLine, type Line } from '../report.ts';
import type { Bare } from './bareCapture.ts';
import { repeated } from './changes.ts';
import { startFloorServer, type FloorServer } from './floorServer.ts';
import { bareOf, insertRow, oursOf, uuid } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

const CLIENTS = 100;
const ROUNDS = 9;
const CHANGES = 20;

/**
 * A row that one of a hundred signed-in clients may see. The floor is the least that is right: trigger, notification,
 * one plpgsql call that asks the policy for each claim, `ws.send` to who may see it.
 */
export async function rowSecurity(workshop: Workshop, bare: Bare): Promise<Line[]> {
  const { server, crowd, socketUrl, pglite } = workshop;
  const floor = await startFloorServer();
  const bindings = [{ event: 'INSERT', schema: 'public', table: 'secured' }];
  const tokens = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => server.signToken({ role: 'authenticated', sub: uuid(n) })));
  await crowd.open('secured', { url: socketUrl, openings: tokens.map((token) => join('secured', bindings, token)), ready: SUBSCRIBED });
  await crowd.open('checked', { url: floor.url, openings: tokens.map(() => null) });
  const unlisten = await serveChecked(pglite, floor, bare);
  let row = 0;
  const insert = (run: ReturnType<typeof oursOf>) => () => insertRow(run, 'secured', (row += 1), { authorId: uuid(row % CLIENTS) });
  const pairs = await contest({
    ours: repeated({ crowd, group: 'secured', frames: 1, act: insert(oursOf(server)), changes: CHANGES }),
    floor: repeated({ crowd, group: 'checked', frames: 1, act: insert(bareOf(pglite)), changes: CHANGES }),
    rounds: ROUNDS,
  });
  await unlisten();
  await Promise.all([crowd.close('secured'), crowd.close('checked')]);
  floor.close();
  return [costLine({ goal: 'G9', what: 'row security, 100 distinct claims', unit: 'µs/change' }, pairs, 2), await equalClaims(workshop)];
}

/** How often the policy is asked for one change that a hundred clients with the same token watch. */
async function equalClaims({ server, crowd, socketUrl }: Workshop): Promise<Line> {
  const token = await server.signToken({ role: 'authenticated', sub: uuid(0) });
  const bindings = [{ event: 'INSERT', schema: 'public', table: 'counted' }];
  await crowd.open('counted', { url: socketUrl, openings: Array.from({ length: CLIENTS }, () => join('counted', bindings, token)), ready: SUBSCRIBED });
  const asked = async () => Number((await server.sql<{ n: string }>("select last_value as n from bench.checks where nextval('bench.checks') > 0"))[0]?.n);
  const before = await asked();
  for (let n = 0; n < CHANGES; n += 1) {
    const arrived = crowd.received('counted', (n + 1) * CLIENTS);
    await insertRow(oursOf(server), 'counted', n);
    await arrived;
  }
  await crowd.close('counted');
  // Asking counts as well, the second time too.
  const perChange = ((await asked()) - before - 1) / CHANGES;
  return { goal: 'G9', what: 'row security, 100 equal claims: policy asked', unit: 'times/change', ours: perChange, floor: 1, ratio: perChange, limit: { atMost: 1 } };
}

/** The floor: clients are those of the floor's server, in their order, with the claims of that order. */
async function serveChecked(pglite: PGlite, floor: FloorServer, bare: Bare): Promise<() => Promise<void>> {
  await bare.table('secured');
  await pglite.exec(CHECKED);
  const claims = Array.from({ length: CLIENTS }, (_, n) => JSON.stringify({ role: 'authenticated', sub: uuid(n) }));
  const clients = floor.clients();
  return pglite.listen('checked', (payload) => void deliver(pglite, { payload, claims, send: (n, frame) => clients[n]?.send(frame) }));
}

async function deliver(pglite: PGlite, { payload, claims, send }: { payload: string; claims: string[]; send: (n: number, frame: string) => void }): Promise<void> {
  const id = payload.slice(0, 36);
  const { rows } = await pglite.query<{ seen: number[] }>('select visible_to($1, $2) as seen', [id, claims]);
  for (const n of rows[0]?.seen ?? []) send(n - 1, `[null,null,"realtime:secured","postgres_changes",{"ids":[${n}],"data":${payload.slice(36)}}]`);
}

const CHECKED = `
  create role authenticated nologin;
  grant select on secured to authenticated;
  alter table secured enable row level security;
  create policy own on secured for select to authenticated
    using (is_public or author_id = (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid);
  create function visible_to(pk uuid, claims text[]) returns int[] language plpgsql as $$
  declare seen int[] := '{}';
  begin
    perform set_config('role', 'authenticated', true);
    for i in 1 .. array_length(claims, 1) loop
      perform set_config('request.jwt.claims', claims[i], true);
      if exists (select from secured where id = pk) then seen := seen || i; end if;
    end loop;
    perform set_config('role', 'none', true);
    return seen;
  end $$;
  create function notify_checked() returns trigger language plpgsql as $$
  begin
    perform pg_notify('checked', new.id || json_build_object('table', tg_table_name, 'schema', tg_table_schema, 'type', tg_op, 'record', row_to_json(new))::text);
    return null;
  end $$;
  create trigger notify_checked after insert on secured for each row execute function notify_checked();`;
