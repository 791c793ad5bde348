import { runScript } from './child-process';
import { GuardedProcess } from './guarded-process';

const ECHO = 'test/support/echo-signals.ts';

describe('a script in a process of its own', () => {
  test('its lines are waited for, the second of a kind too, and a real signal ends it', async () => {
    const script = await runScript(ECHO, { args: ['hello'], env: { ECHO_COLOR: 'green' } });
    await expect(script.waitForLine(/^ready/)).resolves.toBe('ready hello green');
    script.kill('SIGUSR2');
    await script.waitForLine('got SIGUSR2');
    script.kill('SIGUSR2');
    await script.waitForLine('got SIGUSR2', 5_000, 2);
    script.kill('SIGTERM');
    await expect(script.exited).resolves.toEqual({ code: null, signal: 'SIGTERM' });
    expect(script.stderrLines).toEqual(['got SIGUSR2', 'got SIGUSR2']);
    expect(script.isRunning).toBe(false);
  });

  test('a line that does not come is reported with the output', async () => {
    const script = await runScript(ECHO);
    await script.waitForLine('ready');
    await expect(script.waitForLine('never', 20)).rejects.toThrow(/no line never came within 20 ms[\s\S]*ready/);
    const waiting = script.waitForLine('never');
    await Promise.all([expect(waiting).rejects.toThrow('before the process ended'), script.stop()]);
    await expect(script.waitForLine('never')).rejects.toThrow('before the process ended');
    await expect(script.waitForLine('ready')).resolves.toContain('ready');
  });

  test('decorator metadata are there', async () => {
    const script = await runScript('test/support/print-metadata.ts');
    await expect(script.waitForLine('type')).resolves.toBe('type String');
    await expect(script.exited).resolves.toEqual({ code: 0, signal: null });
  });

  test('a command that does not exist is an error', async () => {
    await expect(GuardedProcess.start('/no/such/command', [])).rejects.toThrow('ENOENT');
  });
});
