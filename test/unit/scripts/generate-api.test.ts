import test from 'ava';
import { readFileSync } from 'node:fs';
import { hashOfGenerator, HASH_FILE } from '../../../scripts/generate-api/source-hash.ts';

test('the generated types are those of the present generator', (t) => {
  const written = readFileSync(new URL(`../../../src/api/generated/${HASH_FILE}`, import.meta.url), 'utf8').trim();
  t.is(written, hashOfGenerator(), 'run `npm run generate` and commit what it writes');
});
