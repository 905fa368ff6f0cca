import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new folder that ends with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ruwad-devserver-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
