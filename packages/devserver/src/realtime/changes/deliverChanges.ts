import type { Tx } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { CapturedChange } from './changeLog.ts';
import { SplicedFrames } from '../hub/outFrame.ts';
import { heldConditions } from './filterMatch.ts';
import { changeData } from './record.ts';
import { RowChange } from './rowChange.ts';
import type { RateMeter } from '../tenant/index.ts';
import type { TableCache, TableInfo } from './tableInfo.ts';
import type { TableView } from './tableView.ts';
import { visibleRows, type Question } from './visibility.ts';
import type { Candidates, DeliveredChange, Subscriber, Watcher, Watchers } from './watchers.ts';

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

/**
 * Hands changes, in their order, to every subscriber whose bindings match and whose rights let it see them: one by one
 * and at once, up to the first about which the database has to be asked; the others in one turn, once all was asked
 * about them together.
 */
export function deliverChanges(context: DeliveryContext, changes: readonly CapturedChange[]): void | Promise<void> {
  let delivered = 0;
  for (const change of changes) {
    if (!deliverAtOnce(context, change)) return askAndDeliver(context, changes.slice(delivered));
    delivered += 1;
  }
}

/** Delivers a change if all that takes is known; whether it was. */
function deliverAtOnce(context: DeliveryContext, captured: CapturedChange): boolean {
  const table = context.tables.known(captured.relid);
  if (table === null) return true;
  if (table === undefined) return false;
  const change = new RowChange(captured, table);
  const { sure, open } = candidatesFor(context, change);
  if (open.length > 0 || (table.rowSecurity && sure.length > 0)) return false;
  const views = new Map<string, TableView>();
  for (const watcher of sure) {
    if (views.has(watcher.viewKey)) continue;
    const view = context.tables.knownView(table, watcher);
    if (view === undefined) return false;
    views.set(watcher.viewKey, view);
  }
  deliverChange(context, change, { views, watchers: sure });
  return true;
}

async function askAndDeliver(context: DeliveryContext, changes: readonly CapturedChange[]): Promise<void> {
  const deliveries = new Map<CapturedChange, () => void>();
  for (const [relid, captured] of groupBy(changes, (change) => change.relid)) {
    const table = await context.tables.table(relid);
    if (table === null) continue;
    const rows = captured.map((change) => new RowChange(change, table));
    const matching = await matchingWatchers(context, table, rows);
    const views = await viewsOf(context.tables, table, matching);
    const recipients = table.rowSecurity ? await allowedWatchers(context, { table, views }, rows, matching) : matching;
    for (const [index, row] of rows.entries()) {
      const change = captured[index];
      if (change !== undefined) deliveries.set(change, () => deliverChange(context, row, { views, watchers: recipients[index] ?? [] }));
    }
  }
  for (const change of changes) deliveries.get(change)?.();
}

/** What watchers see of a table, by their view keys. */
type Views = ReadonlyMap<string, TableView>;

/** Whom a change means, as far as its text tells. */
function candidatesFor({ watchers }: DeliveryContext, change: RowChange): Candidates {
  return watchers.of(change.table.relid)?.candidates(change) ?? { sure: [], open: [] };
}

/** Per change of one table the watchers whose event and filters match. */
async function matchingWatchers(context: DeliveryContext, table: TableInfo, changes: readonly RowChange[]): Promise<Watcher[][]> {
  const candidates = changes.map((change) => candidatesFor(context, change));
  const held = await heldConditions(context, table, changes, candidates.map(({ open }) => open.flatMap(({ conditions }) => conditions)));
  return candidates.map(({ sure, open }, position) => {
    for (const { watcher, conditions } of open) if (conditions.every(({ key }) => held[position]?.has(key) === true)) sure.push(watcher);
    return sure;
  });
}

async function viewsOf(tables: TableCache, table: TableInfo, matching: readonly (readonly Watcher[])[]): Promise<Views> {
  const viewers = new Map<string, Watcher>();
  for (const watchers of matching) for (const watcher of watchers) viewers.set(watcher.viewKey, watcher);
  const views = new Map<string, TableView>();
  for (const [key, viewer] of viewers) views.set(key, await tables.view(table, viewer));
  return views;
}

/** Of those, the watchers whose policies show them the row as it is now. */
async function allowedWatchers({ db }: DeliveryContext, { table, views }: { table: TableInfo; views: Views }, changes: readonly RowChange[], matching: readonly (readonly Watcher[])[]): Promise<Watcher[][]> {
  const questions = questionsAbout(views, changes, matching);
  if (questions.size === 0) return matching.map((watchers) => [...watchers]);
  const visible = await visibleRows(db, table, changes, [...questions.values()]);
  return matching.map((watchers, position) =>
    watchers.filter(({ reader }) => questions.get(reader.key)?.positions.has(position) !== true || visible.get(reader.key)?.has(position) === true),
  );
}

/** What row security must be asked, by the reader's key: equal readers ask once. Deletes go to everybody, for there is no row left to ask about. */
function questionsAbout(views: Views, changes: readonly RowChange[], matching: readonly (readonly Watcher[])[]): Map<string, Question> {
  const questions = new Map<string, Question & { positions: Set<number> }>();
  for (const [position, change] of changes.entries()) {
    if (change.action === 'DELETE') continue;
    for (const { reader, viewKey } of matching[position] ?? []) {
      // Whoever may not select the key gets an error instead of the row.
      if (views.get(viewKey)?.refusal !== null) continue;
      const question = questions.get(reader.key) ?? { reader, positions: new Set() };
      question.positions.add(position);
      questions.set(reader.key, question);
    }
  }
  return questions;
}

/** Who gets a change, and what of it. */
interface Recipients {
  views: Views;
  watchers: readonly Watcher[];
}

/** A change as written for all who see the same of it; by binding, the delivery to those that have no other. */
interface Written {
  dataJson: string;
  frames: SplicedFrames;
  alone: DeliveredChange[];
}

/** One delivery per subscriber and selection of columns, with all its matching bindings. */
function deliverChange({ hand, rate }: DeliveryContext, change: RowChange, { views, watchers }: Recipients): void {
  rate.count(watchers.length);
  const written = new Map<string, Written>();
  const several = new Map<Subscriber, Map<Written, number[]>>();
  for (const watcher of watchers) {
    const { subscriber, viewKey, bindingIndex } = watcher;
    let seen = written.get(viewKey);
    if (seen === undefined) {
      const view = views.get(viewKey);
      if (view === undefined) continue; // every watcher's view is among them
      const dataJson = changeData(change, view);
      written.set(viewKey, (seen = { dataJson, frames: new SplicedFrames(dataJson), alone: [] }));
    }
    if (watcher.alone) hand(subscriber, (seen.alone[bindingIndex] ??= { bindingIndexes: [bindingIndex], dataJson: seen.dataJson, frames: seen.frames }));
    else noteBinding(several, watcher, seen);
  }
  for (const [subscriber, kinds] of several) {
    // Found by value, not in the order of the request.
    for (const [{ dataJson, frames }, indexes] of kinds) hand(subscriber, { bindingIndexes: indexes.sort((a, b) => a - b), dataJson, frames });
  }
}

function noteBinding(several: Map<Subscriber, Map<Written, number[]>>, { subscriber, bindingIndex }: Watcher, written: Written): void {
  const kinds = several.get(subscriber) ?? new Map<Written, number[]>();
  several.set(subscriber, kinds);
  const indexes = kinds.get(written);
  if (indexes === undefined) kinds.set(written, [bindingIndex]);
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
