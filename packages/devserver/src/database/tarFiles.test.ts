import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporaryFolder.ts';
import { tarFiles } from './tarFiles.ts';

it('reads what tar wrote: files of any size, in folders, with long paths', () => {
  const folder = temporaryFolder();
  const long = join('a'.repeat(90), 'b'.repeat(90));
  mkdirSync(join(folder, long), { recursive: true });
  const contents = { empty: '', [join(long, 'block')]: 'x'.repeat(512), [join(long, 'more')]: 'y'.repeat(1025) };
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
  const tar = execFileSync('tar', ['--format=ustar', '-cf', '-', 'empty', 'a'.repeat(90)], { cwd: folder });
  const read = tarFiles(tar).map(({ name, data }) => [name, Buffer.from(data).toString()]);
  expect(Object.fromEntries(read)).toEqual(contents);
});

it('refuses what is no tar', () => {
  expect(() => tarFiles(Buffer.alloc(1024, 'x'))).toThrow('no tar header at byte 0');
});
