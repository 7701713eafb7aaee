import test from 'ava';
import { FIELDS_OFF } from '#api/features-off.ts';
import { loadSchema } from '#api/schema.ts';

test('what is off is in the fact tables: a name that no type has would drop nothing', (t) => {
  const schema = loadSchema();
  for (const [type, fields] of Object.entries(FIELDS_OFF)) for (const field of fields) t.true(schema.type(type)?.fields.has(field), `${type}.${field}`);
});
