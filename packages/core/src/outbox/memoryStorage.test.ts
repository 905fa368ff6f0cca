import { describe, test } from 'vitest';
import { storageContract } from '../../test/support/storageContract.ts';
import { memoryStorage } from './memoryStorage.ts';

describe('the memory', () => {
  for (const { name, run } of storageContract) test(name, () => run(memoryStorage()));
});
