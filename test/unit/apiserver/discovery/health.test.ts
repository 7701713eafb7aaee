import test from 'ava';
import { Health } from '#apiserver/discovery/health.ts';

const health = (isReady: boolean): Health => new Health({ liveness: { ping: () => true }, readiness: { store: () => isReady }, aliases: { etcd: 'store' } });

for (const [path, query, isReady, status, body] of [
  ['/readyz', {}, true, 200, 'ok'],
  ['/readyz', { verbose: '' }, true, 200, '[+]ping ok\n[+]store ok\nreadyz check passed\n'],
  ['/readyz', {}, false, 500, '[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n'],
  ['/livez', {}, false, 200, 'ok'],
  ['/healthz', {}, false, 500, '[+]ping ok\n[-]store failed: reason withheld\nhealthz check failed\n'],
  ['/readyz/etcd', {}, true, 200, 'ok'],
  ['/readyz/store', {}, false, 500, 'internal server error: readyz/store failed: reason withheld\n'],
  ['/readyz', { exclude: 'etcd', verbose: '' }, false, 200, '[+]ping ok\n[+]store excluded: ok\nreadyz check passed\n'],
  ['/readyz', { exclude: 'nope', verbose: '' }, true, 200, '[+]ping ok\n[+]store ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n'],
  ['/livez/constructor', {}, true, 404, '404 page not found\n'],
] as const) {
  test(`${path} ${JSON.stringify(query)} while the store ${isReady ? 'answers' : 'is away'}`, (t) => {
    const answer = health(isReady).check(path, query);
    t.is(answer.status, status);
    t.is(answer.body, body);
  });
}
