import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Digits, type Exact } from '../conformance/exactJson.ts';
import type { Received } from '../conformance/frames.ts';
import { openLaboratory, type Laboratory } from '../conformance/laboratory.ts';
import { readRecording } from '../conformance/recording.ts';
import { differencesOf, play } from '../conformance/replay.ts';

/*
 * The comparison itself on trial: what the server sent in a replay that holds is spoiled in one place after the other,
 * and every time the replay must no longer hold. The recordings are such as no rule of `tolerance.ts` is needed for.
 */

const RECORDINGS = fileURLToPath(new URL('../conformance/recordings', import.meta.url));
const TIME_SCALE = 0.1;
/** Values that a server makes: another one is no difference. */
const MADE = new Set(['id', 'ids', 'commit_timestamp', 'created_at']);

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openLaboratory({ recordings: RECORDINGS, timeScale: TIME_SCALE });
});
afterAll(() => laboratory.close());

it.each(['00-smoke.v1', '03-rls-secrets.v2', '06a-broadcast-self-ack.v2', '07b-private-vs-public.v1'])('whatever is changed in what came of %s is noticed', async (name) => {
  const recording = await readRecording(join(RECORDINGS, `${name}.jsonl`));
  await laboratory.reset(recording);
  const { recorded, received } = await play(recording, laboratory, TIME_SCALE);
  expect(differencesOf(recording, recorded, received)).toEqual([]);

  const unnoticed: string[] = [];
  for (const [conn, frames] of received) {
    for (const [index, frame] of frames.entries()) {
      // The recorder did not write down every one of these.
      if (frame.lane === '(open)' || frame.lane === '(pong)') continue;
      for (const [how, instead] of mutationsOf(frame)) {
        const spoiled = [...frames.slice(0, index), ...instead, ...frames.slice(index + 1)];
        if (differencesOf(recording, recorded, new Map(received).set(conn, spoiled)).length === 0) unnoticed.push(`${how}: ${conn} ${frame.raw.slice(0, 120)}`);
      }
    }
  }
  expect(unnoticed).toEqual([]);
});

/** A frame left out, sent twice, and with each of its values another one. */
function mutationsOf(frame: Received): [how: string, instead: Received[]][] {
  const altered = alterations(frame.content).map(([path, content]): [string, Received[]] => [`another ${path}`, [{ ...frame, content }]]);
  return [['dropped', []], ['twice', [frame, { ...frame }]], ...altered];
}

function alterations(value: Exact): [path: string, other: Exact][] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => alterations(entry).map(([path, other]): [string, Exact] => [`${index}.${path}`, value.map((same, at) => (at === index ? other : same))]));
  if (value instanceof Map) {
    const names = [...value.keys()].filter((name) => !MADE.has(name));
    return names.flatMap((name) => alterations(value.get(name) ?? null).map(([path, other]): [string, Exact] => [`${name}.${path}`, new Map(value).set(name, other)]));
  }
  if (value instanceof Digits) return [['number', new Digits(`${value.text}1`)]];
  return typeof value === 'boolean' ? [['boolean', !value]] : [['text', typeof value === 'string' ? `${value}x` : 'was null']];
}
