import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLaboratory, type Laboratory } from '../conformance/laboratory.ts';
import type { Recording } from '../conformance/recording.ts';
import { replay } from '../conformance/replay.ts';
import { OwnRecording } from './support/ownRecording.ts';

/*
 * Recordings of our own making, for behaviour that PROTOCOL.md tells of. What they expect comes from there, not from the
 * dev server; each is also spoiled, to see that a replay notices.
 */

const TIME_SCALE = 0.1;
const U1 = '11111111-1111-1111-1111-111111111111';
const U2 = '22222222-2222-2222-2222-222222222222';

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openLaboratory({ recordings: fileURLToPath(new URL('../conformance/recordings', import.meta.url)), timeScale: TIME_SCALE });
});
afterAll(() => laboratory.close());

/** What differs in a replay, as `what socket event`. */
async function differences(recording: Recording): Promise<string[]> {
  await laboratory.reset(recording);
  const { differences: found, notes } = await replay(recording, laboratory, TIME_SCALE);
  expect(notes).toEqual([]);
  return found.map(({ what, where, frame }) => `${what} ${where.split(' ')[0] ?? ''} ${/"(?:type|event)":"(\w+)"/.exec(frame)?.[1] ?? frame.slice(0, 60)}`);
}

/** The same recording without, or with other, received frames. */
function spoiled(recording: Recording, change: (frame: string) => string | null): Recording {
  const lines = recording.lines.flatMap((line) => {
    if (line.dir !== 'in' || line.frame === undefined) return [line];
    const frame = change(line.frame);
    return frame === null ? [] : [{ ...line, frame }];
  });
  expect(JSON.stringify(lines)).not.toBe(JSON.stringify(recording.lines));
  return { ...recording, lines };
}

const column = (name: string, type: string) => ({ name, type });

describe('rows whose rights change before they are read (03d)', () => {
  const BINDING = { event: '*', schema: 'public', table: 'secrets' };
  const COLUMNS = [column('id', 'int4'), column('owner', 'uuid'), column('body', 'text')];
  const change = (type: string, fields: object) => ({ ids: [1_234_567], data: { table: 'secrets', type, schema: 'public', columns: COLUMNS, errors: null, commit_timestamp: '2026-11-22T14:00:02.000Z', ...fields } });
  const row = (id: number, owner: string) => ({ record: { id, owner, body: 'b' } });

  async function record(): Promise<Recording> {
    const own = new OwnRecording();
    const everybody = ['one', 'two', 'service'];
    await own.connect('one', { role: 'authenticated', sub: U1 });
    await own.connect('two', { role: 'authenticated', sub: U2 });
    await own.connect('service', { role: 'service_role' });
    for (const conn of everybody) {
      own.join(conn, { postgres_changes: [BINDING] });
      own.joined(conn, [{ id: 1_234_567, ...BINDING }]);
      own.subscribed(conn);
    }
    const told = (conns: readonly string[], type: string, fields: object) => conns.forEach((conn) => own.received(conn, 'postgres_changes', change(type, fields)));

    // Gone before it is read: nobody hears of the insert, everybody of the delete.
    own.after(1_000).sql(`insert into secrets values (1, '${U1}', 'b')`);
    own.after(5).sql('delete from secrets where id = 1');
    own.after(300);
    told(everybody, 'DELETE', { old_record: { id: 1 } });

    // Another's before it is read: its new owner gets what was the old one's.
    own.after(1_000).sql(`insert into secrets values (2, '${U1}', 'b')`);
    own.after(5).sql(`update secrets set owner = '${U2}' where id = 2`);
    own.after(300);
    told(['two', 'service'], 'INSERT', row(2, U1));
    told(['two', 'service'], 'UPDATE', { ...row(2, U2), old_record: { id: 2 } });

    // Under another key before it is read: the key of the insert is not there any more.
    own.after(1_000).sql(`insert into secrets values (3, '${U1}', 'b')`);
    own.after(5).sql('update secrets set id = 33 where id = 3');
    own.after(300);
    told(['one', 'service'], 'UPDATE', { ...row(33, U1), old_record: { id: 3 } });
    own.after(1_000).end(...everybody);
    return own.recording('03d-own.v2');
  }

  it('are judged as they are when read', async () => {
    expect(await differences(await record())).toEqual([]);
  });

  it('are noticed when judged otherwise', async () => {
    const recording = await record();
    const early = spoiled(recording, (frame) => frame.replace(`"INSERT","schema":"public","columns"`, `"UPDATE","schema":"public","columns"`));
    expect(await differences(early)).toContain('unexpected two INSERT');
    expect(await differences(spoiled(recording, (frame) => (frame.includes('"id":33,') ? null : frame)))).toEqual(['unexpected one UPDATE', 'unexpected service UPDATE']);
  });
});

describe('one transaction over several tables (10c)', () => {
  const BINDING = { event: '*', schema: 'public' };
  const change = (table: string, type: string, columns: object[], fields: object) => ({ ids: [7_654_321], data: { table, type, schema: 'public', columns, errors: null, commit_timestamp: '2026-11-22T14:00:02.000Z', ...fields } });
  const SECRETS = [column('id', 'int4'), column('owner', 'uuid'), column('body', 'text')];
  const WEIRD = [column('Id', 'int4'), column('Col A', 'text')];

  async function record(...statements: readonly string[]): Promise<Recording> {
    const own = new OwnRecording();
    await own.connect('a', { role: 'service_role' });
    own.join('a', { postgres_changes: [BINDING] });
    own.joined('a', [{ id: 7_654_321, ...BINDING }]);
    own.subscribed('a');
    own.after(1_000);
    for (const statement of statements) own.after(2).sql(statement);
    own.after(300);
    own.received('a', 'postgres_changes', change('Weird Table', 'INSERT', WEIRD, { record: { Id: 1, 'Col A': 'x' } }));
    own.received('a', 'postgres_changes', change('secrets', 'INSERT', SECRETS, { record: { id: 1, owner: null, body: 'b' } }));
    own.received('a', 'postgres_changes', change('Weird Table', 'UPDATE', WEIRD, { record: { Id: 1, 'Col A': 'y' }, old_record: { Id: 1 } }));
    own.received('a', 'postgres_changes', change('secrets', 'UPDATE', SECRETS, { record: { id: 1, owner: null, body: 'c' }, old_record: { id: 1 } }));
    own.received('a', 'postgres_changes', change('Weird Table', 'DELETE', WEIRD, { old_record: { Id: 1 } }));
    own.after(1_000).end('a');
    return own.recording('10c-own.v2');
  }

  const STATEMENTS = [`insert into "Weird Table" values (1, 'x')`, `insert into secrets values (1, null, 'b')`, `update "Weird Table" set "Col A" = 'y'`, `update secrets set body = 'c'`, `delete from "Weird Table"`];

  it('comes in the order of its statements', async () => {
    expect(await differences(await record(`begin; ${STATEMENTS.join('; ')}; commit;`))).toEqual([]);
  });

  it('may have been recorded statement by statement', async () => {
    expect(await differences(await record('begin', ...STATEMENTS, 'commit'))).toEqual([]);
  });

  it('is noticed when it comes table by table', async () => {
    const [insertWeird = '', insertSecret = '', updateWeird = '', updateSecret = '', deleteWeird = ''] = STATEMENTS;
    const byTable = await record(`begin; ${[insertWeird, updateWeird, insertSecret, updateSecret, deleteWeird].join('; ')}; commit;`);
    expect(await differences(byTable)).toEqual(['out of order a INSERT']);
  });
});

describe('a table that changes while it is watched (13d)', () => {
  const BINDING = { event: '*', schema: 'public', table: 'not_published' };
  const change = (type: string, columns: object[], fields: object) => ({ ids: [1_111_111], data: { table: 'secrets', type, schema: 'public', columns, errors: null, commit_timestamp: '2026-11-22T14:00:02.000Z', ...fields } });

  async function record(): Promise<Recording> {
    const own = new OwnRecording();
    await own.connect('a', { role: 'service_role' });
    const binding = { ...BINDING, table: 'secrets' };
    own.join('a', { postgres_changes: [binding] });
    own.joined('a', [{ id: 1_111_111, ...binding }]);
    own.subscribed('a');
    const before = [column('id', 'int4'), column('owner', 'uuid'), column('body', 'text')];
    const told = (type: string, columns: object[], fields: object) => own.after(300).received('a', 'postgres_changes', change(type, columns, fields));
    own.after(1_000).sql(`alter table secrets add column extra int default 7`);
    own.after(600).sql(`insert into secrets (id, body) values (1, 'b')`);
    told('INSERT', [...before, column('extra', 'int4')], { record: { id: 1, owner: null, body: 'b', extra: 7 } });
    own.after(600).sql(`alter table secrets rename column extra to more`);
    own.after(600).sql(`update secrets set more = 8`);
    told('UPDATE', [...before, column('more', 'int4')], { record: { id: 1, owner: null, body: 'b', more: 8 }, old_record: { id: 1 } });
    own.after(600).sql(`alter table secrets alter column more type text`);
    own.after(600).sql(`update secrets set body = 'c'`);
    told('UPDATE', [...before, column('more', 'text')], { record: { id: 1, owner: null, body: 'c', more: '8' }, old_record: { id: 1 } });
    own.after(600).sql(`alter table secrets drop column more`);
    own.after(600).sql(`insert into secrets (id, body) values (2, 'd')`);
    told('INSERT', before, { record: { id: 2, owner: null, body: 'd' } });
    own.after(1_000).end('a');
    return own.recording('13d-own.v2');
  }

  it('is told as it is from the next row on', async () => {
    expect(await differences(await record())).toEqual([]);
  });

  it('is noticed when told with its old columns', async () => {
    expect(await differences(spoiled(await record(), (frame) => frame.replaceAll('"more"', '"extra"')))).toContain('missing a UPDATE');
  });
});

describe('six who come, track and go at once (05g)', () => {
  const SIX = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
  const members = (...conns: readonly string[]) => Object.fromEntries(conns.map((conn) => [conn, { metas: [{ phx_ref: `ref of ${conn}`, name: conn }] }]));
  const came = (conn: string) => ({ joins: members(conn), leaves: {} });

  /** `early` are those whose tracking the state of the last one told already, as it may. */
  async function record(...early: readonly string[]): Promise<Recording> {
    const own = new OwnRecording();
    for (const conn of SIX) await own.connect(conn);
    for (const conn of SIX) own.join(conn, { presence: { key: conn, enabled: true } });
    for (const conn of SIX) own.joined(conn);
    for (const conn of SIX.slice(0, 5)) own.received(conn, 'presence_state', {}, { joinRef: '1' });
    for (const conn of SIX) own.send(conn, '2', 'presence', { type: 'presence', event: 'track', payload: { name: conn } });
    for (const conn of early) own.received('c6', 'presence_diff', came(conn));
    own.received('c6', 'presence_state', members(...early), { joinRef: '1' });
    for (const conn of SIX) own.received(conn, 'phx_reply', { status: 'ok', response: {} }, { joinRef: '1', ref: '2' });
    for (const who of [...SIX].reverse()) for (const conn of SIX) if (conn !== 'c6' || !early.includes(who)) own.received(conn, 'presence_diff', came(who));
    own.after(1_000).end(...SIX);
    return own.recording('05g-own.v2');
  }

  it('hear of each other in any order', async () => {
    expect(await differences(await record())).toEqual([]);
  });

  it('hear of each other in a state, a diff, or both', async () => {
    expect(await differences(await record('c1', 'c3'))).toEqual([]);
  });

  it('are noticed when one is never told of another', async () => {
    const without = spoiled(await record('c1'), (frame) => (frame.includes('"presence_diff"') && frame.includes('"c5"') ? null : frame));
    expect((await differences(without)).length).toBeGreaterThan(0);
  });
});
