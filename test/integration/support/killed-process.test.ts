import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'ava';
import { identify, isRunning } from '#agents/node/system/process.ts';
import { ROOT } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';

/** A test in the midst of its work. */
const SCRIPT = `
  import { startTestRedis } from '#test/support/redis.ts';
  const redis = await startTestRedis({ teardown: () => undefined });
  console.log(JSON.stringify({ pid: redis.server().pid, dataDir: redis.dataDir }));
  setInterval(() => undefined, 1_000);
`;

test('a test process that is killed leaves no server and no file', async (t) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', SCRIPT], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { pid, dataDir } = JSON.parse(line) as { readonly pid: number; readonly dataDir: string };
  const server = identify(pid);
  t.true(server && isRunning(server) && existsSync(dataDir));
  child.kill('SIGKILL');
  await waitFor(() => server && !isRunning(server) && !existsSync(dataDir), { what: 'the server and its files gone', timeoutMs: 60_000 });
});
