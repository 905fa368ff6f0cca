import { expect, test } from 'vitest';
import { isSameInJson, jsonTime, parseCsv } from './csvRows.ts';

test('rows are as the server prints records: quoted where they must be, bare nothing is null', () => {
  expect(parseCsv('id,v\na,1\n"b ""c"", d","two\nlines"\n"",\n')).toBe(null);
  expect(parseCsv('id,v\na,1\n"b ""c"", d","two\nlines"\n"",')).toEqual([{ id: 'a', v: '1' }, { id: 'b "c", d', v: 'two\nlines' }, { id: '', v: null }]);
  expect(parseCsv('\n')).toEqual([]);
});

test.each(['', 'id,v', 'id,v\n', 'id,v\na', 'id,v\na,1,2', 'id,v\na,1\nb', 'id,v\n"a,1', 'id,v\n"a"b,1', 'id,v\na\\\\b,1', '{"message":"no"}'])('a text that is no such rows is refused: %j', (text) => {
  expect(parseCsv(text)).toBe(null);
});

test('a time is as JSON has it, whatever its zone', () => {
  expect(['2026-11-22 01:02:03.456789+00', '2026-11-22 01:02:03-03', '2026-11-22 01:02:03+05:30', '2026-11-22 01:02:03.4', '2026-11-22', 'next 2026-11-22 01:02:03+00'].map(jsonTime)).toEqual([
    '2026-11-22T01:02:03.456789+00:00',
    '2026-11-22T01:02:03-03:00',
    '2026-11-22T01:02:03+05:30',
    '2026-11-22T01:02:03.4',
    '2026-11-22',
    'next 2026-11-22 01:02:03+00',
  ]);
});

test('texts that JSON may write otherwise are told', () => {
  expect(['7', '-7', '1.5', 'a', '7a', '9007199254740991'].filter((text) => !isSameInJson(text))).toEqual([]);
  expect(['t', 'f', '1.50', '007', '1e+20', '', '9007199254740993', '2026-11-22 01:02:03+00'].filter(isSameInJson)).toEqual([]);
});
