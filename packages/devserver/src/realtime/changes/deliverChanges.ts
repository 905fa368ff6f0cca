import type { Tx } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { CapturedChange } from './changeLog.ts';
import { SplicedFrames } from '../hub/outFrame.ts';
import { heldConditions } from './filterMatch.ts';
import { changeData, refusalOf } from './record.ts';
import { readChange, type RowChange } from './rowChange.ts';
import type { RateMeter } from '../tenant/index.ts';
import type { TableCache, TableInfo } from './tableInfo.ts';
import { visibleRows, type Question } from './visibility.ts';
import type { DeliveredChange, Subscriber, Watcher, Watchers } from './watchers.ts';

/** What delivering needs. */
export interface DeliveryContext {
  db: Tx;
  logger: Logger;
  tables: TableCache;
  watchers: Watchers;
  rate: RateMeter;
  /** Hands a change to a subscriber. */
  hand: (subscriber: Subscriber, change: DeliveredChange) => void;
}

/** Hands changes, in their order and in one turn, to every subscriber whose bindings match and whose rights let it see them. */
export async function deliverChanges(context: DeliveryContext, changes: readonly CapturedChange[]): Promise<void> {
  const deliveries = new Map<CapturedChange, () => void>();
  for (const [relid, captured] of groupBy(changes, (change) => change.relid)) {
    const table = await context.tables.table(relid);
    if (table === null) continue;
    const rows = captured.map((change) => readChange(change, table));
    const matching = await matchingWatchers(context, table, rows);
    const seen = { table, readable: await readableByRole(context.tables, table, matching) };
    const watchers = table.rowSecurity ? await allowedWatchers(context, seen, rows, matching) : matching;
    for (const [index, row] of rows.entries()) {
      const change = captured[index];
      if (change !== undefined) deliveries.set(change, () => deliverChange(context, row, { ...seen, watchers: watchers[index] ?? [] }));
    }
  }
  for (const change of changes) deliveries.get(change)?.();
}

/** Columns that each role may select. */
type Readable = ReadonlyMap<string, ReadonlySet<string>>;

interface Recipients {
  table: TableInfo;
  readable: Readable;
  watchers: readonly Watcher[];
}

/** Per change of one table the watchers whose event and filters match. */
async function matchingWatchers(context: DeliveryContext, table: TableInfo, changes: readonly RowChange[]): Promise<Watcher[][]> {
  const watching = context.watchers.of(table.relid);
  if (watching === undefined) return changes.map(() => []);
  const typeOf = (column: string): string | undefined => table.types.get(column);
  const candidates = changes.map(({ action, filtered }) => watching.candidates(action, { typeOf, valueOf: (column) => filtered.get(column) }));
  const held = await heldConditions(context, table, changes, candidates.map(({ open }) => open.flatMap(({ conditions }) => conditions)));
  return candidates.map(({ sure, open }, position) => {
    for (const { watcher, conditions } of open) if (conditions.every(({ key }) => held[position]?.has(key) === true)) sure.push(watcher);
    return sure;
  });
}

async function readableByRole(tables: TableCache, table: TableInfo, matching: readonly (readonly Watcher[])[]): Promise<Readable> {
  const roles = new Set<string>();
  for (const watchers of matching) for (const { reader } of watchers) roles.add(reader.role);
  const readable = new Map<string, ReadonlySet<string>>();
  for (const role of roles) readable.set(role, await tables.readableColumns(table.relid, role));
  return readable;
}

/** Of those, the watchers whose policies show them the row as it is now. */
async function allowedWatchers({ db }: DeliveryContext, seen: Omit<Recipients, 'watchers'>, changes: readonly RowChange[], matching: readonly (readonly Watcher[])[]): Promise<Watcher[][]> {
  const questions = questionsAbout(seen, changes, matching);
  if (questions.size === 0) return matching.map((watchers) => [...watchers]);
  const visible = await visibleRows(db, seen.table, changes, [...questions.values()]);
  return matching.map((watchers, position) =>
    watchers.filter(({ reader }) => questions.get(reader.key)?.positions.has(position) !== true || visible.get(reader.key)?.has(position) === true),
  );
}

/** What row security must be asked, by the reader's key: equal readers ask once. Deletes go to everybody, for there is no row left to ask about. */
function questionsAbout({ table, readable }: Omit<Recipients, 'watchers'>, changes: readonly RowChange[], matching: readonly (readonly Watcher[])[]): Map<string, Question> {
  const questions = new Map<string, Question & { positions: Set<number> }>();
  for (const [position, change] of changes.entries()) {
    if (change.action === 'DELETE') continue;
    for (const { reader } of matching[position] ?? []) {
      // Whoever may not select the key gets an error instead of the row.
      if (refusalOf(change, table, { readable: readable.get(reader.role) ?? NO_COLUMNS, select: null }) !== null) continue;
      const question = questions.get(reader.key) ?? { reader, positions: new Set() };
      question.positions.add(position);
      questions.set(reader.key, question);
    }
  }
  return questions;
}

const NO_COLUMNS: ReadonlySet<string> = new Set();

/** What watchers with one view key see of a change, written once; by binding, the delivery to those that have no other. */
interface View {
  dataJson: string;
  frames: SplicedFrames;
  alone: DeliveredChange[];
}

/** One delivery per subscriber and selection of columns, with all its matching bindings. */
function deliverChange({ hand, rate }: DeliveryContext, change: RowChange, { table, readable, watchers }: Recipients): void {
  rate.count(watchers.length);
  const views = new Map<string, View>();
  const several = new Map<Subscriber, Map<View, number[]>>();
  for (const watcher of watchers) {
    const { subscriber, reader, viewKey, bindingIndex } = watcher;
    let view = views.get(viewKey);
    if (view === undefined) {
      const dataJson = changeData(change, table, { readable: readable.get(reader.role) ?? NO_COLUMNS, select: watcher.select });
      views.set(viewKey, (view = { dataJson, frames: new SplicedFrames(dataJson), alone: [] }));
    }
    if (watcher.alone) hand(subscriber, (view.alone[bindingIndex] ??= { bindingIndexes: [bindingIndex], dataJson: view.dataJson, frames: view.frames }));
    else noteBinding(several, watcher, view);
  }
  for (const [subscriber, seen] of several) {
    // Found by value, not in the order of the request.
    for (const [{ dataJson, frames }, indexes] of seen) hand(subscriber, { bindingIndexes: indexes.sort((a, b) => a - b), dataJson, frames });
  }
}

function noteBinding(several: Map<Subscriber, Map<View, number[]>>, { subscriber, bindingIndex }: Watcher, view: View): void {
  const seen = several.get(subscriber) ?? new Map<View, number[]>();
  several.set(subscriber, seen);
  const indexes = seen.get(view);
  if (indexes === undefined) seen.set(view, [bindingIndex]);
  else indexes.push(bindingIndex);
}

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
