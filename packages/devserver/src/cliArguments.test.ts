import { describe, expect, it } from 'vitest';
import { parseCliArguments, UsageError } from './cliArguments.ts';

describe('parseCliArguments', () => {
  it('leaves to startDevServer what nobody said', () => {
    expect(parseCliArguments([])).toEqual({ dataDir: '.data', logLevel: 3 });
  });

  it('reads every option', () => {
    const argv = ['--port', '0', '--host', '::1', '--data-dir', 'd', '--migrations', 'm', '--migrations', 'one.sql', '--seed', 's.sql', '--reset', '--log-level', 'debug'];
    expect(parseCliArguments(argv)).toEqual({ port: 0, host: '::1', dataDir: 'd', migrations: ['m', 'one.sql'], seed: 's.sql', reset: true, logLevel: 4 });
    expect(parseCliArguments(['--in-memory', '--no-seed'])).toMatchObject({ dataDir: null, seed: null });
    expect(parseCliArguments(['--limits', 'supabase'])).toMatchObject({ limits: 'supabase' });
    expect(parseCliArguments(['--control', '--fault-seed', '7'])).toMatchObject({ control: true, faults: { seed: 7 } });
    expect(parseCliArguments(['--control-origin', 'http://a', '--control-origin', 'http://b'])).toMatchObject({ control: { origins: ['http://a', 'http://b'] } });
    expect(parseCliArguments(['--no-sign-ups', '--anonymous-sign-ins'])).toMatchObject({ auth: { signUps: false, anonymousSignIns: true } });
  });

  it('prefers help and version to everything else', () => {
    expect(parseCliArguments(['--port', 'x', '-h'])).toBe('help');
    expect(parseCliArguments(['--version'])).toBe('version');
    expect(parseCliArguments(['faults'])).toBe('faults');
  });

  it.each([
    [['--prot', '1'], "Unknown option '--prot'; see --help"],
    [['extra'], "Unexpected argument 'extra'; see --help"],
    [['--port'], "Option '--port <value>' argument missing; see --help"],
    [['--port', '65536'], '--port takes a number from 0 to 65535, not "65536"'],
    [['--port', '1e3'], '--port takes a number from 0 to 65535, not "1e3"'],
    [['--log-level', 'toString'], '--log-level takes silent, error, warn, info, debug, not "toString"'],
    [['--limits', '100'], '--limits takes supabase or off, not "100"'],
    [['--fault-seed', '1.5'], '--fault-seed takes a whole number from 0 to 4294967295, not "1.5"'],
    [['--in-memory', '--data-dir', 'd'], '--data-dir and --in-memory exclude each other'],
    [['--seed', 's', '--no-seed'], '--seed and --no-seed exclude each other'],
  ])('refuses %j in one line', (argv, message) => {
    expect(() => parseCliArguments(argv)).toThrow(new UsageError(message));
  });
});
