// Run by the build: makes the database that every Supabase project starts with, so that no user waits for initdb.
import { constants } from 'node:zlib';
import { join } from 'node:path';
import { writeImage } from '../src/database/imageFile.ts';
import { packagedImagePath } from '../src/database/packagedImage.ts';
import { baselineKey, buildBaseline } from '../src/database/projectImage.ts';
import { readSqlFolder } from '../src/database/sqlFiles.ts';
import { silentLogger } from '../src/logger.ts';

const baseline = await readSqlFolder(join(import.meta.dirname, '..', 'sql'), 'baseline/failed');
const path = packagedImagePath(baselineKey({ baseline }));
await writeImage(path, await buildBaseline({ baseline }, silentLogger), constants.Z_BEST_COMPRESSION);
console.log(path);
