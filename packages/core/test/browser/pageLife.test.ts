import { afterEach, expect, test } from 'vitest';
import { openBareBrowser, type BareBrowser, type BareTab } from './bareTab.ts';
import { useNotesBrowser } from './notesBrowser.ts';

const NOTES = '*/rest/v1/notes*';
const WITHOUT_LOCKS = 'Object.defineProperty(navigator, "locks", { value: undefined });';

const notes = useNotesBrowser({ keepsPages: true });
let sara: BareBrowser | undefined;
afterEach(async () => {
  await notes.backend.faults.clear();
  await sara?.close();
});

interface Note {
  readonly id: string;
  readonly text: string;
}

/** Runs statements one after the other; gives the rows of the last. */
async function sql(...statements: readonly string[]): Promise<readonly Note[]> {
  let rows: readonly Note[] = [];
  for (const statement of statements) rows = await notes.backend.server.sql<Note>(statement);
  return rows;
}

/** Two tabs of Sara's that show the notes; the first sends. */
async function twoTabs(script = ''): Promise<readonly [BareTab, BareTab]> {
  sara = await openBareBrowser(notes.browser);
  const settings = `window.settings = ${JSON.stringify(await notes.settings())};`;
  const first = await sara.tab(notes.url, settings + script);
  await first.run(() => window.app.sends());
  const second = await sara.tab(notes.url, settings + script);
  for (const tab of [first, second]) await tab.run(() => window.app.show());
  return [first, second];
}

const enqueue = (tab: BareTab, name: 'add' | 'set', id: string, text: string): Promise<void> => tab.run((...given) => window.app.enqueue(...given), name, id, text);

/** Resolves when this tab sends; gives how long that took, in ms. */
async function untilSends(tab: BareTab): Promise<number> {
  const from = performance.now();
  await tab.run(() => window.app.sends());
  return performance.now() - from;
}

/** Nothing waits in this tab, and what it shows is what the table has. */
async function isRight(tab: BareTab): Promise<void> {
  await tab.run(() => window.app.done());
  await tab.run((rows) => window.app.shows(rows), await sql('select id, text from notes order by id'));
}

for (const [how, script] of [['the lock', ''], ['the lease', WITHOUT_LOCKS]] as const) {
  test(`Q5, R4: what waits in a tab that is frozen with ${how} is sent by another within 2 s, once, and the thawed tab is right and may send again`, async () => {
    const [first, second] = await twoTabs(script);
    await first.block([NOTES]);
    await enqueue(first, 'add', 'a', 'draft');
    await enqueue(first, 'add', 'b', 'draft');
    await first.freeze();
    expect(await untilSends(second)).toBeLessThan(2_000);
    await enqueue(second, 'set', 'a', 'final');
    await second.run(() => window.app.done());
    await sql(`insert into notes values ('c', 'by somebody else')`, `delete from notes where id = 'b'`);
    expect(await first.run(() => window.app.shown())).toMatchObject({ rows: [] });

    await first.block([]);
    await first.thaw();
    await isRight(first);
    await isRight(second);
    const all = await notes.written();
    expect([...all].sort()).toEqual(['a: draft', 'a: final', 'b: draft', 'c: by somebody else']);
    expect(all.filter((line) => line.startsWith('a'))).toEqual(['a: draft', 'a: final']);

    await second.freeze();
    expect(await untilSends(first)).toBeLessThan(2_000);
    await enqueue(first, 'set', 'c', 'by Sara');
    await isRight(first);
    expect((await notes.written()).length).toBe(5);
  });

  test(`Q5: what a tab was sending when it was frozen with ${how} is written once, whatever it hears when it is thawed`, async () => {
    const [first, second] = await twoTabs(script);
    await notes.backend.faults.httpLatency({ part: 'answer', path: '/rest/v1/notes', ms: 3_000 });
    await enqueue(first, 'add', 'a', 'draft');
    await enqueue(first, 'set', 'a', 'final');
    while ((await notes.written()).length === 0) await new Promise(setImmediate);
    await first.freeze();
    await notes.backend.faults.clear();
    expect(await untilSends(second)).toBeLessThan(2_000);
    await second.run(() => window.app.done());
    await first.thaw();
    await isRight(first);
    expect(await notes.written()).toEqual(['a: draft', 'a: final']);
  });
}

test('R4: a page whose socket was cut while it was frozen shows what the table has when it is thawed', async () => {
  const [first] = await twoTabs();
  await first.freeze();
  await sql(`insert into notes values ('a', 'old'), ('b', 'old')`);
  await notes.backend.faults.dropSockets();
  await sql(`update notes set text = 'new' where id = 'a'`, `delete from notes where id = 'b'`, `insert into notes values ('c', 'new')`);
  expect(await first.run(() => window.app.shown())).toMatchObject({ rows: [] });
  await first.thaw();
  await isRight(first);
});

test('Q5, R4: a page that is left is kept for going back, another tab sends within 2 s what waits in it, once, and it is right when it is back', async () => {
  const [first, second] = await twoTabs();
  await first.block([NOTES]);
  await enqueue(first, 'add', 'a', 'draft');
  await first.run(() => { Object.assign(window, { left: true }); });
  await first.goTo(`${notes.url}elsewhere`);
  expect(await untilSends(second)).toBeLessThan(2_000);
  await enqueue(second, 'set', 'a', 'final');
  await second.run(() => window.app.done());
  await sql(`insert into notes values ('b', 'by somebody else')`);

  await first.block([]);
  expect(await first.goBack()).toEqual({ kept: true, why: [] });
  expect(await first.run(() => 'left' in window)).toBe(true);
  await isRight(first);
  expect(await notes.written()).toEqual(['a: draft', 'a: final', 'b: by somebody else']);
  await second.freeze();
  expect(await untilSends(first)).toBeLessThan(2_000);
  await enqueue(first, 'set', 'b', 'by Sara');
  await isRight(first);
});
