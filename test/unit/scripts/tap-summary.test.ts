import test from 'ava';
import { formatCounts, parsePoint, summarize } from '../../../scripts/tap-summary.ts';

const REPORT = `TAP version 13
ok 1 - a › skipped one # SKIP
not ok 2 - a › later # TODO
ok 3 - a › works: ok
not ok 4 - a › # odd name
  ---
    name: AssertionError
    message: boom
  ...
ok 5 - a › logs
#   hello

1..5
# tests 5
# pass 2
# fail 1
`.split('\n');

test('test points are told apart, directives first', (t) => {
  t.deepEqual(parsePoint('ok 3 - a › works # 1'), { outcome: 'passed', title: 'a › works # 1' });
  t.deepEqual(parsePoint('not ok 4 - a › breaks'), { outcome: 'failed', title: 'a › breaks' });
  t.deepEqual(parsePoint('ok 1 - a › one # SKIP'), { outcome: 'skipped', title: 'a › one' });
  t.deepEqual(parsePoint('not ok 2 - a › two # TODO'), { outcome: 'skipped', title: 'a › two' });
  t.is(parsePoint('# tests 5'), undefined);
});

test('a report is counted, and only failures are printed with their diagnostics', async (t) => {
  const printed: string[] = [];
  const counts = await summarize(REPORT, (line) => printed.push(line));
  t.deepEqual(counts, { passed: 2, failed: 1, skipped: 2 });
  t.deepEqual(printed, ['FAILED a › # odd name', '    name: AssertionError', '    message: boom']);
});

test('the closing line names skipped tests only when there are some', (t) => {
  t.is(formatCounts({ passed: 2, failed: 0, skipped: 0 }), '2 passed, 0 failed');
  t.is(formatCounts({ passed: 2, failed: 1, skipped: 3 }), '2 passed, 1 failed, 3 skipped');
});
