import test from 'ava';
import { queryOf, splitUrl } from '#apiserver/http/url.ts';
import { repeatedValues, SEPARATOR } from '#apiserver/repeated-values.ts';

test('a URL ends its path at the first question mark', (t) => {
  t.deepEqual(splitUrl('/api/v1/pods?fieldSelector=a?b'), { path: '/api/v1/pods', search: 'fieldSelector=a?b' });
  t.deepEqual(splitUrl('/api'), { path: '/api', search: '' });
});

test('of repeated parameters the first counts, but for those that are lists', (t) => {
  t.deepEqual(queryOf('limit=1&limit=2&dryRun=All&dryRun=Some&exclude=etcd&exclude=ping&labelSelector=a%3Db'), { limit: '1', dryRun: `All${SEPARATOR}Some`, exclude: `etcd${SEPARATOR}ping`, labelSelector: 'a=b' });
});

test('a comma is part of a value', (t) => {
  t.deepEqual(repeatedValues(queryOf('dryRun=All,All')['dryRun']), ['All,All']);
  t.deepEqual(repeatedValues(queryOf('dryRun=All&dryRun=')['dryRun']), ['All', '']);
});
