import test from 'ava';
import { readPush } from '#sync/audit/rollback/publish.ts';

for (const { name, code = 1, stdout = '', stderr = '', expected } of [
  { name: 'success', code: 0, expected: { type: 'published' } },
  { name: 'a lease that does not hold', stdout: 'To https://x\n!\tc:refs/heads/main\t[rejected] (stale info)\nDone\n', expected: { type: 'moved' } },
  { name: 'a lock that another push holds', stdout: '!\tc:refs/heads/main\t[remote rejected] (failed to update ref)\n', expected: { type: 'moved' } },
  { name: 'a protected branch', stdout: '!\tc:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n', stderr: 'remote: protected\nerror: failed to push some refs to https://x', expected: { type: 'unwritable', why: '[remote rejected] (pre-receive hook declined); remote: protected' } },
  { name: 'no right to push', stderr: 'fatal: unable to access https://x: The requested URL returned error: 403', expected: { type: 'unwritable', why: 'fatal: unable to access https://x: The requested URL returned error: 403' } },
]) {
  test(`git push: ${name}`, (t) => {
    t.deepEqual(readPush({ code, stdout, stderr }), expected as never);
  });
}
