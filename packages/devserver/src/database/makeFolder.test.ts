import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporaryFolder.ts';
import { makeFolder } from './makeFolder.ts';

const root = temporaryFolder();

describe('makeFolder', () => {
  it('makes a folder and those above it, also when they are there', async () => {
    const folder = join(root, 'a', 'b', 'c');
    await makeFolder(folder);
    await makeFolder(folder);
    expect(existsSync(folder)).toBe(true);
  });

  it('fails on a file in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('fails, rather than trying for ever, where the system takes no new folders', async () => {
    await expect(makeFolder('/proc/ruwad/data')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
