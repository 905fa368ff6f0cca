import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { recordingLogger } from '../../test/support/recordingLogger.ts';
import { temporaryFolder } from '../../test/support/temporaryFolder.ts';
import { silentLogger } from '../logger.ts';
import { defaultCacheDir, imageCache } from './imageCache.ts';

const root = temporaryFolder();
const builder = (text: string) => vi.fn(() => Promise.resolve(new Blob([text])));

describe('imageCache', () => {
  it('builds an image once, also for callers at the same time', async () => {
    const folder = join(root, 'once');
    const build = builder('image');
    const images = await Promise.all(Array.from({ length: 5 }, () => imageCache(folder, silentLogger).get('a', build)));
    images.push(await imageCache(folder, silentLogger).get('a', build));
    expect(await Promise.all(images.map((image) => image.text()))).toEqual(Array(6).fill('image'));
    expect(build).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder)).toEqual(['a.tar.gz']);
  });

  it('builds again over a file that does not unpack', async () => {
    const folder = join(root, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.tar.gz'), 'half a fi');
    const build = builder('image');
    expect(await (await imageCache(folder, silentLogger).get('a', build)).text()).toBe('image');
    await imageCache(folder, silentLogger).get('a', build);
    expect(build).toHaveBeenCalledTimes(1);
  });

  it('lets the next caller build after a build that failed', async () => {
    const cache = imageCache(join(root, 'failing'), silentLogger);
    await expect(cache.get('a', () => Promise.reject(new Error('bad migration')))).rejects.toThrow('bad migration');
    expect(await (await cache.get('a', builder('image'))).text()).toBe('image');
  });

  it('keeps the images that were used last, and no leftovers', async () => {
    const folder = join(root, 'bounded');
    const cache = imageCache(folder, silentLogger);
    for (let index = 0; index < 8; index += 1) {
      await cache.get(`image-${index}`, builder('image'));
      utimesSync(join(folder, `image-${index}.tar.gz`), 1000 + index, 1000 + index);
    }
    const leftover = join(folder, 'image-9.tar.gz.draft');
    writeFileSync(leftover, 'half');
    utimesSync(leftover, 1000, 1000);
    await cache.get('image-0', builder('image'));
    await cache.get('one-more', builder('image'));
    const names = readdirSync(folder);
    expect(names).toHaveLength(8);
    expect(names).toContain('image-0.tar.gz');
    expect(names).not.toContain('image-1.tar.gz');
    expect(names).not.toContain('image-9.tar.gz.draft');
  });

  it('builds without a cache where the folder cannot be made', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const logger = recordingLogger();
    expect(await (await imageCache(join(file, 'cache'), logger).get('a', builder('image'))).text()).toBe('image');
    expect(logger.lines).toEqual([expect.stringMatching(/^warn cannot use the cache .*a-file/)]);
  });
});

describe('defaultCacheDir', () => {
  it('is in the node_modules of the nearest project', () => {
    mkdirSync(join(root, 'project', 'node_modules'), { recursive: true });
    mkdirSync(join(root, 'project', 'src', 'deep'), { recursive: true });
    expect(defaultCacheDir(join(root, 'project', 'src', 'deep'))).toBe(join(root, 'project', 'node_modules', '.cache', 'ruwad-devserver'));
  });

  it('is a temporary folder outside any project', () => {
    expect(defaultCacheDir('/')).toMatch(/ruwad-devserver-\w+$/);
  });
});
