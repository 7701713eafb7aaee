import test from 'ava';
import { Health } from '#apiserver/discovery/health.ts';
import { serverHealth } from '#apiserver/discovery/server-checks.ts';
import { SEPARATOR } from '#apiserver/repeated-values.ts';

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
  ['/readyz', { exclude: `nope${SEPARATOR}absent`, verbose: '' }, true, 200, '[+]ping ok\n[+]store ok\nwarn: some health checks cannot be excluded: no matches for "absent","nope"\nreadyz check passed\n'],
  ['/readyz/store', { verbose: '' }, true, 200, 'ok'],
  ['/livez/constructor', {}, true, 404, '404 page not found\n'],
] as const) {
  test(`${path} ${JSON.stringify(query)} while the store ${isReady ? 'answers' : 'is away'}`, (t) => {
    const answer = health(isReady).check(path, query);
    t.is(answer.status, status);
    t.is(answer.body, body);
  });
}

test('the server has the checks of Kubernetes by their names, the store among those of being alive', (t) => {
  const at = (path: string, answers: boolean) => serverHealth({ isStarted: () => true, isReady: () => true, isClosing: () => false, isRecovering: () => false, storeAnswers: () => answers }).check(path, { verbose: '' });
  const names = (path: string): readonly string[] => String(at(path, true).body).split('\n').slice(0, -2).map((line) => line.replace(/^\[\+\](.*) ok$/, '$1'));
  t.deepEqual(names('/livez').slice(0, 4), ['ping', 'log', 'etcd', 'poststarthook/start-apiserver-admission-initializer']);
  t.deepEqual(names('/livez').slice(-3), ['autoregister-completion', 'poststarthook/apiservice-openapi-controller', 'poststarthook/apiservice-openapiv3-controller']);
  t.deepEqual(names('/readyz').slice(names('/livez').length), ['etcd-readiness', 'informer-sync', 'recovery', 'shutdown']);
  for (const path of ['/livez/etcd', '/readyz/etcd-readiness', '/readyz/store']) t.deepEqual([at(path, true).status, at(path, false).status], [200, 500], path);
  t.is(at('/livez', false).status, 500);
});
