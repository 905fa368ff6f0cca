import { describe, expect, it } from 'vitest';
import { patternRefusal } from './patternCost.ts';

describe('patternRefusal', () => {
  it.each(['', '^a+$', '(a+)+$', '(a|aa)+$', '(.*)(.*)x', String.raw`^\d{4}-\d{2}-\d{2}$`, String.raw`^[\w.+-]{1,64}@[a-z0-9.-]{1,255}$`, '[{}()]{3}', String.raw`\\1`, 'أ{1,255}', '(unclosed{2}', 'x{'])('takes %j', (pattern) => {
    expect(patternRefusal(pattern)).toBeNull();
  });

  it.each<[string, string]>([
    ['(a{1,255}){1,255}$', 'multiply'],
    ['((a{1,20}){1,20}){1,20}', 'multiply'],
    ['((ab){40}c{40}){20}', 'multiply'],
    ['(a{255}){5,}', 'multiply'],
    [String.raw`^(a*)*\1$`, 'back references'],
    [String.raw`(a)\\\1`, 'back references'],
    ['a'.repeat(1_001), 'at most 1000 characters'],
  ])('refuses %j', (pattern, why) => {
    expect(patternRefusal(pattern)).toContain(why);
  });
});
