import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporaryFolder.ts';
import { tryLock } from './fileLock.ts';

const folder = temporaryFolder();
/** Above the highest pid any system gives out. */
const NO_PROCESS = 2 ** 30;

describe('tryLock', () => {
  it('is held once, and again after its release', async () => {
    const path = join(folder, 'once');
    const first = await tryLock(path);
    expect(await tryLock(path)).toMatchObject({ held: false, holder: { pid: process.pid } });
    if (first.held) await first.release();
    expect((await tryLock(path)).held).toBe(true);
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: NO_PROCESS, since: '', processStart: null })],
    ['whose pid now belongs to another process', JSON.stringify({ pid: process.pid, since: '', processStart: 'before' })],
    ['that is not a lock', 'garbage'],
  ])('takes over a file %s', async (what, content) => {
    const path = join(folder, what);
    writeFileSync(path, content);
    expect((await tryLock(path)).held).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('leaves a file of another machine or container to its holder while that one touches it, whatever its pid is here', async () => {
    const path = join(folder, 'elsewhere');
    const lock = { pid: NO_PROCESS, since: 'today', processStart: null, machine: 'another', host: 'container-7' };
    writeFileSync(path, JSON.stringify(lock));
    expect(await tryLock(path)).toEqual({ held: false, holder: lock });
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(path, longAgo, longAgo);
    expect((await tryLock(path)).held).toBe(true);
  });

  it('goes on over a takeover that was cut off', async () => {
    const path = join(folder, 'cut-off');
    writeFileSync(path, 'garbage');
    writeFileSync(`${path}.${createHash('sha256').update('garbage').digest('hex').slice(0, 16)}`, JSON.stringify({ pid: NO_PROCESS, since: '', processStart: null }));
    expect((await tryLock(path)).held).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('cut-off'))).toEqual(['cut-off']);
  });

  it('releases no lock that another process has taken since', async () => {
    const path = join(folder, 'deleted-by-hand');
    const attempt = await tryLock(path);
    writeFileSync(path, 'of another process');
    if (attempt.held) await attempt.release();
    expect(readFileSync(path, 'utf8')).toBe('of another process');
  });

  it('has one winner when many take over a stale file, and leaves no other file', async () => {
    const path = join(folder, 'contended');
    writeFileSync(path, 'garbage');
    const attempts = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
    expect(attempts.filter(({ held }) => held)).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith(basename(path)))).toEqual(['contended']);
  });
});
