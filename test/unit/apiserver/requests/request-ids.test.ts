import test from 'ava';
import { RequestIds } from '#apiserver/requests/request-ids.ts';

test('ids are UUIDs, each another one, and those of two servers differ', (t) => {
  const [ids, others] = [new RequestIds(), new RequestIds()];
  const made = Array.from({ length: 1_000 }, () => [ids.next(), others.next()]).flat();
  t.is(new Set(made).size, made.length);
  for (const id of made) t.regex(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
