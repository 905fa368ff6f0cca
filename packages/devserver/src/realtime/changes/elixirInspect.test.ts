import { describe, expect, it } from 'vitest';
import { inspect, Tuple } from './elixirInspect.ts';

describe('inspect', () => {
  it('shows values as Elixir does', () => {
    expect(inspect({ table: null, a: [1, true, 'x'], s: 'say "hi"\n#{x}' })).toBe('%{"a" => [1, true, "x"], "s" => "say \\"hi\\"\\n\\#{x}", "table" => nil}');
    expect(inspect([])).toBe('[]');
    expect(inspect([new Tuple(['id', 'eq', '1', false])])).toBe('[{"id", "eq", "1", false}]');
  });

  it('breaks what is wider than 80 columns: maps and lists an item a line, tuples as they fit', () => {
    const long = 'x'.repeat(90);
    expect(inspect([new Tuple(['id', 'in', long, false])])).toBe(`[\n  {"id", "in",\n   "${long}",\n   false}\n]`);
    expect(inspect({ filter: long, schema: 'public' })).toBe(`%{\n  "filter" => "${long}",\n  "schema" => "public"\n}`);
  });
});
