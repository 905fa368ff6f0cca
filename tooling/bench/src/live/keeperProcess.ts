// One way to keep rows, in a process of its own: loads them and takes changes when told to, and says what that cost.
import { cpuOf } from '../measure.ts';
import { createHistory } from './history.ts';
import { KEEPERS, type KeeperName } from './keepers.ts';
import type { Answer, Pace, Question } from './keeperQuestions.ts';

const [, , name, size] = process.argv;
/** Rows that a server answers a request with: Supabase's default. */
const PAGE_ROWS = 1_000;
/** A measurement ends after so much CPU time, in µs, or so many changes. */
const BUDGET_US = 300_000;
const FIRST_CHANGES = 16;
const MOST_CHANGES = 30_000;

const keeper = await KEEPERS[name as KeeperName](); // the parent names one
const history = createHistory(Number(size));

process.on('message', (question: Question) => {
  void answerTo(question).then((answer) => process.send?.(answer));
});
process.send?.(null);

async function answerTo(question: Question): Promise<Answer> {
  if (question.do === 'load') return load();
  if (question.do === 'check') return check();
  return changes(question.pace);
}

/** µs for all rows. */
async function load(): Promise<number> {
  await keeper.unload();
  const rows = history.rows();
  const pages: string[] = [];
  for (let at = 0; at < rows.length; at += PAGE_ROWS) pages.push(JSON.stringify(rows.slice(at, at + PAGE_ROWS)));
  globalThis.gc?.();
  return cpuOf(() => keeper.load(pages), 1);
}

/** µs for a change. */
async function changes({ perFrame, reads }: Pace): Promise<number> {
  let spent = 0;
  let done = 0;
  for (let chunk = FIRST_CHANGES; spent < BUDGET_US && done < MOST_CHANGES; chunk = Math.min(chunk * 2, 4_096)) {
    const next = history.next(chunk).map((change) => keeper.arrival(change));
    if (done === 0) globalThis.gc?.();
    spent += await cpuOf(async () => {
      for (const [at, arrive] of next.entries()) {
        const applied = arrive();
        if (applied !== undefined) await applied;
        if ((at + 1) % perFrame > 0) continue;
        keeper.frame();
        if (reads && keeper.rows()?.length === 0) throw new Error('no rows');
      }
    }, 1);
    done += chunk;
  }
  return spent / done;
}

function check(): string | null {
  const shown = keeper.rows();
  if (shown === null) return null;
  const expected = history.rows();
  if (shown.length !== expected.length) return `${String(shown.length)} rows instead of ${String(expected.length)}`;
  const wrong = expected.findIndex(({ id, updated_at: version }, at) => shown[at]?.id !== id || shown[at].updated_at !== version);
  return wrong < 0 ? null : `row ${String(wrong)} is not the one expected`;
}
