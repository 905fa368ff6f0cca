import { join } from 'node:path';
import { packageFolder } from '../lib/packageFolder.ts';
import { IMAGE_SUFFIX, readImage } from './imageFile.ts';

/** Where the build of this package leaves the image of the baseline with this key. */
export function packagedImagePath(key: string): string {
  return join(packageFolder(import.meta.url), 'dist', `baseline-${key}${IMAGE_SUFFIX}`);
}

/** The image that came with the package, or `null` when that has none or one for other SQL or another Postgres. */
export function packagedImage(key: string): Promise<Blob | null> {
  return readImage(packagedImagePath(key)).catch(() => null);
}
