import test from 'ava';
import { indented, isPretty } from '#apiserver/http/pretty.ts';

for (const [url, userAgent, wanted] of [
  ['/api/v1/pods', 'kubectl/v1.36', false], ['/api/v1/pods', undefined, false], ['/api/v1/pods', 'curl/8.1', true], ['/api', 'Mozilla/5.0 (X11)', true],
  ['/api?pretty=true', 'kubectl/v1.36', true], ['/api?limit=1&pretty=1', undefined, true], ['/api?pretty=false', 'curl/8.1', false], ['/api?pretty=', 'curl/8.1', true], ['/api/pretty=1', 'kubectl', false],
] as const) {
  test(`${url} by ${userAgent ?? 'nobody'} is ${wanted ? '' : 'not '}for reading`, (t) => t.is(isPretty(url, userAgent), wanted));
}

test('integers stay exact when an answer is indented', (t) => {
  t.is(Buffer.concat([...indented([Buffer.from('{"a":92233720368'), Buffer.from('54775807,"b":{},"c":[]}')])]).toString(), '{\n  "a": 9223372036854775807,\n  "b": {},\n  "c": []\n}');
});

test('a long answer stays as it is', (t) => {
  const parts = [Buffer.from(JSON.stringify('x'.repeat(1 << 20)))];
  t.is(indented(parts), parts);
});
