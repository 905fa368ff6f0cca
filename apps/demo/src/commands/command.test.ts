import { RealtimeError } from '@ruwad/realtime-core';
import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en.ts';
import { createCommand } from './command.ts';
import { explain } from './explain.ts';
import { createResource } from './resource.ts';

describe('createCommand', () => {
  it('is pending while the action runs and clean after it', async () => {
    const { promise, resolve } = deferred<string>();
    const command = createCommand(() => promise);
    const outcome = command.run();
    expect(command.store.get()).toEqual({ pending: true, error: null });
    resolve('done');
    expect(await outcome).toBe(true);
    expect(command.store.get()).toEqual({ pending: false, error: null });
  });

  it('keeps the failure until the next run', async () => {
    const failure = new Error('no');
    let fail = true;
    const command = createCommand(() => (fail ? Promise.reject(failure) : Promise.resolve()));
    expect(await command.run()).toBe(false);
    expect(command.store.get()).toEqual({ pending: false, error: failure });
    fail = false;
    await command.run();
    expect(command.store.get().error).toBeNull();
  });

  it('does not run twice at a time', async () => {
    let runs = 0;
    const { promise, resolve } = deferred<undefined>();
    const command = createCommand(() => {
      runs += 1;
      return promise;
    });
    const first = command.run();
    expect(await command.run()).toBe(false);
    resolve(undefined);
    await first;
    expect(runs).toBe(1);
  });
});

describe('createResource', () => {
  it('reads when somebody subscribes first, and again on demand', async () => {
    let version = 0;
    const resource = createResource(() => Promise.resolve(++version));
    expect(resource.store.get().value).toBeNull();
    resource.store.subscribe(() => undefined);
    await resource.refresh();
    expect(resource.store.get()).toEqual({ value: 2, error: null });
  });

  it('drops an answer that a newer question has overtaken', async () => {
    const answers = [deferred<string>(), deferred<string>()];
    let asked = 0;
    const resource = createResource(() => answers[asked++]?.promise ?? Promise.reject(new Error('asked too often')));
    const old = resource.refresh();
    const recent = resource.refresh();
    answers[1]?.resolve('new');
    await recent;
    answers[0]?.resolve('old');
    await old;
    expect(resource.store.get().value).toBe('new');
  });

  it('keeps what it had when reading fails', async () => {
    const failure = new Error('no');
    const answers = [Promise.resolve(1), Promise.reject(failure)];
    const resource = createResource(() => answers.shift() ?? Promise.resolve(0));
    await resource.refresh();
    await resource.refresh();
    expect(resource.store.get()).toEqual({ value: 1, error: failure });
  });
});

describe('explain', () => {
  it('says in the language of the reader that a right is missing, or that nobody answered', () => {
    expect(explain({ code: '42501', message: 'new row violates …' }, en)).toBe(en.common.forbidden);
    expect(explain({ code: 'PGRST116', message: 'no rows' }, en)).toBe(en.common.forbidden);
    expect(explain({ code: '', message: 'TypeError: Failed to fetch' }, en)).toBe(en.common.unreachable);
  });

  it('knows the errors of the SDK, and what the database meant by them', () => {
    expect(explain(new RealtimeError('channel/not-live', 'typing'), en)).toBe(en.errors['channel/not-live']);
    expect(explain(new RealtimeError('command/rejected', 'posting', { cause: { code: '42501' } }), en)).toBe(en.common.forbidden);
  });

  it('passes any other reason on', () => {
    expect(explain(new Error('value too long'), en)).toBe('value too long');
    expect(explain('odd', en)).toBe('odd');
  });
});

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
