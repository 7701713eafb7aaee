import test from 'ava';
import { readFileSync } from 'node:fs';
import { DESCRIPTIONS, descriptionsOf, ownDescriptions } from '../../../scripts/generate-api/descriptions.ts';
import { hashOfGenerator, HASH_FILE } from '../../../scripts/generate-api/source-hash.ts';

test('the generated types are those of the present generator', (t) => {
  const written = readFileSync(new URL(`../../../src/api/generated/${HASH_FILE}`, import.meta.url), 'utf8').trim();
  t.is(written, hashOfGenerator(), 'run `npm run generate` and commit what it writes');
});

test('the descriptions of our own types are those of their doc comments', (t) => {
  t.is(readFileSync(DESCRIPTIONS, 'utf8'), ownDescriptions(), 'run `npm run generate -- --own` and commit what it writes');
});

test('comments describe types, members, and the members of objects in them', (t) => {
  const source = `
/** Not of a type. */
import type { X } from 'x';

/**
 * What a thing
 * is: {@link Part.name}.
 */
export interface Thing extends X {
  readonly spec: Spec;
  /** Its parts. */
  readonly parts: readonly {
    /** The name. */
    readonly name: string;
    readonly size?: number | undefined;
  }[];
  /** After them. */
  readonly last?: string | undefined;
}
/** Of no interface. */
export const A = 1;
`;
  const facts = { id: 'own/v1', types: { Thing: { fields: { parts: { type: '[]own/v1.Part' } } } } };
  t.deepEqual(descriptionsOf(source, facts), {
    Thing: { description: 'What a thing is: `Part.name`.', fields: { parts: 'Its parts.', last: 'After them.' } }, Part: { fields: { name: 'The name.' } },
  });
});
