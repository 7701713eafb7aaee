import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock as clock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import { Exposition } from '#base/exposition.ts';
import { AuditLog } from '#apiserver/audit/audit-log.ts';

async function folder(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-audit-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
const metricsOf = (audit: AuditLog): string => {
  const out = new Exposition();
  audit.writeMetrics(out);
  return out.text();
};

test('lines are written in their order, and the file is put aside when it grows too long', async (t) => {
  const directory = await folder(t);
  const audit = new AuditLog({ path: join(directory, 'audit.log'), maxBytes: 100, maxBackups: 2, clock, log });
  for (let i = 0; i < 20; i++) {
    audit.write(`line-${i}-${'x'.repeat(40)}`);
    // Each in a write of its own.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  await audit.close();
  const files = await readdir(directory);
  t.true(files.includes('audit.log'));
  t.true(files.length <= 3, 'old ones are removed');
  t.true((await readFile(join(directory, 'audit.log'), 'utf8')).includes('line-19-'));
  t.regex(metricsOf(audit), /apiserver_audit_event_total 20\n/);
});

test('what comes faster than it can be written is dropped and counted; nobody waits', async (t) => {
  const audit = new AuditLog({ path: join(await folder(t), 'audit.log'), maxWaitingBytes: 100, clock, log });
  for (let i = 0; i < 10; i++) audit.write('x'.repeat(30));
  await audit.close();
  t.regex(metricsOf(audit), /apiserver_audit_error_total\{plugin="log",reason="dropped"\} 7\n/);
});

test('a log that cannot be written is counted and tried again', async (t) => {
  const directory = await folder(t);
  const audit = new AuditLog({ path: join(directory, 'sub', 'audit.log'), clock, log });
  await rm(join(directory, 'sub'), { recursive: true });
  audit.write('lost');
  await audit.close();
  t.regex(metricsOf(audit), /reason="write"\} 1\n/);
});
