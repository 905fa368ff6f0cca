import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openChanges, type Changes } from './support/changes.ts';
import { replay } from './support/replayChanges.ts';

const recordings = join(import.meta.dirname, '../conformance/recordings');
const names = [
  '00-smoke',
  '02a-join-shapes',
  '02b-join-events',
  '02c-filters',
  '02d-types',
  '02e-select-columns',
  '02f-toast-unchanged',
  '03-rls-secrets',
  '03-rls-secrets_full',
  '03c-roles',
  '04a-bad-subscriptions',
  '08a-large-rows',
  '13e-two-channels-one-table',
];

describe('postgres_changes answer as the real server did in', () => {
  let changes: Changes;
  beforeAll(async () => {
    changes = await openChanges({ setup: readFileSync(join(recordings, 'fixtures.sql'), 'utf8') });
  });
  afterAll(() => changes.close());
  beforeEach(async () => {
    await changes.db.exec('truncate todos, types_default, types_full, secrets, secrets_full, bench, "Weird Table", nopk, private_cols, other.things restart identity; drop role if exists lab_noaccess');
  });

  it.each(names)('%s', async (name) => {
    const { expected, received } = await replay(changes, join(recordings, `${name}.v1.jsonl`));
    expect(received).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });
});
