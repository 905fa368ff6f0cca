import type { Tx } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { LoggedChange } from './changeLog.ts';
import { matchFilters } from './filterMatch.ts';
import { changeData, refusalOf } from './record.ts';
import type { RateMeter } from '../tenant/index.ts';
import type { TableCache, TableInfo } from './tableInfo.ts';
import { visibleRows, type Question } from './visibility.ts';
import type { Subscriber, Watcher, Watchers } from './watchers.ts';

/** What delivering needs. */
export interface DeliveryContext {
  db: Tx;
  logger: Logger;
  tables: TableCache;
  watchers: Watchers;
  rate: RateMeter;
}

/** Hands changes, in their order, to every subscriber whose bindings match and whose rights let it see them. */
export async function deliverChanges(context: DeliveryContext, changes: readonly LoggedChange[]): Promise<void> {
  const recipients = new Map<LoggedChange, Recipients>();
  for (const [relid, tableChanges] of groupBy(changes, (change) => change.relid)) {
    const table = await context.tables.table(relid);
    if (table === null) continue;
    const watchers = await allowedWatchers(context, table, tableChanges);
    tableChanges.forEach((change, index) => recipients.set(change, { table, watchers: watchers[index] ?? [] }));
  }
  for (const change of changes) {
    const { table, watchers } = recipients.get(change) ?? {};
    if (table !== undefined) await deliverChange(context, change, table, watchers ?? []);
  }
}

interface Recipients {
  table: TableInfo;
  watchers: readonly Watcher[];
}

/** Per change of one table the watchers that get it. */
async function allowedWatchers({ db, logger, tables, watchers }: DeliveryContext, table: TableInfo, changes: readonly LoggedChange[]): Promise<Watcher[][]> {
  const all = [...watchers.of(table.relid)];
  const matches = await matchFilters(db, logger, table, changes, all.map((watcher) => watcher.filters));
  const matching = changes.map(({ action }, index) => all.filter(({ event, filters }) => (event === '*' || event === action) && matches[index]?.(filters) === true));
  if (!table.rowSecurity) return matching;

  const questions = await questionsAbout(tables, table, changes, matching);
  if (questions.size === 0) return matching;
  const visible = await visibleRows(db, table, changes, [...questions.values()]);
  return matching.map((candidates, position) =>
    candidates.filter(({ subscriber: { reader } }) => questions.get(reader.key)?.positions.has(position) !== true || visible.get(reader.key)?.has(position) === true),
  );
}

/** What row security must be asked, by the reader's key: equal readers ask once. Deletes go to everybody, for there is no row left to ask about. */
async function questionsAbout(tables: TableCache, table: TableInfo, changes: readonly LoggedChange[], matching: readonly (readonly Watcher[])[]): Promise<Map<string, Question>> {
  const questions = new Map<string, Question & { positions: Set<number> }>();
  for (const [position, change] of changes.entries()) {
    if (change.action === 'DELETE') continue;
    for (const { subscriber } of matching[position] ?? []) {
      const { reader } = subscriber;
      // Whoever may not select the key gets an error instead of the row.
      if (refusalOf(change, table, { readable: await tables.readableColumns(table.relid, reader.role), select: null }) !== null) continue;
      const question = questions.get(reader.key) ?? { reader, positions: new Set() };
      question.positions.add(position);
      questions.set(reader.key, question);
    }
  }
  return questions;
}

/** One delivery per subscriber and selection of columns, with all its matching bindings. */
async function deliverChange({ tables, logger, rate }: DeliveryContext, change: LoggedChange, table: TableInfo, watchers: readonly Watcher[]): Promise<void> {
  rate.count(watchers.length);
  const texts = new Map<string, string>();
  const deliveries = new Map<Subscriber, Map<string, { bindingIndexes: number[]; dataJson: string }>>();
  for (const { subscriber, select, bindingIndex } of watchers) {
    const view = JSON.stringify([subscriber.reader.role, select && [...new Set(select)].sort()]);
    const dataJson = texts.get(view) ?? changeData(change, table, { readable: await tables.readableColumns(table.relid, subscriber.reader.role), select });
    texts.set(view, dataJson);
    const views = deliveries.get(subscriber) ?? new Map<string, { bindingIndexes: number[]; dataJson: string }>();
    deliveries.set(subscriber, views);
    const delivery = views.get(view);
    if (delivery === undefined) views.set(view, { bindingIndexes: [bindingIndex], dataJson });
    else delivery.bindingIndexes.push(bindingIndex);
  }
  for (const [subscriber, views] of deliveries) {
    for (const delivered of views.values()) {
      try {
        subscriber.deliver(delivered);
      } catch (error) {
        logger.error('a subscriber failed on a change', { table: table.name, error: error instanceof Error ? error.message : String(error) });
      }
    }
  }
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
