import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { parseYaml } from '#api/yaml.ts';
import { DecryptionError } from '#sync/secrets/decryption-error.ts';
import { decryptSops } from '#sync/secrets/sops/decrypt-sops.ts';
import { fuzz, NAMES } from '#test/support/fuzz.ts';
import { encryptJson, encryptYaml, type SopsOptions } from '#test/support/sops-file.ts';

const dataKey = randomBytes(32);
/** Keys that end otherwise than any generated one: all values are encrypted. */
const OPTIONS: SopsOptions = { dataKey, wrap: () => Promise.resolve({ age: [{ recipient: 'age1', enc: 'x' }] }), rules: { unencrypted_suffix: '\u0001never' } };
const decrypt = async (path: string, content: Buffer): Promise<Buffer | undefined> => (await decryptSops(path, content, () => Promise.resolve(dataKey)))?.content;

const key = fc.oneof(fc.constantFrom(...NAMES.filter((name) => name !== '__proto__')), fc.string({ unit: 'grapheme' })).filter((name) => name !== 'sops' && name !== '__proto__');
const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((n) => Number(n.toPrecision(9)) + 0).filter((n) => n === 0 || Math.abs(n) > 1e-6), fc.boolean(), fc.constant(null));
const tree = (leaves: fc.Arbitrary<unknown>, minLength: number) => fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaves, tie('object'), fc.array(tie('value'), { minLength, maxLength: 3 })),
  object: fc.uniqueArray(fc.tuple(key, tie('value')), { minLength, maxLength: 5, selector: ([name]) => name }).map((entries) => ({ kind: 'Thing', ...Object.fromEntries(entries) }) as object),
})).object as fc.Arbitrary<object>;

test.serial('whatever SOPS encrypts comes out as it was', async (t) => {
  t.timeout(600_000);
  await fuzz(fc.asyncProperty(tree(leaf, 0), async (document) => {
    for (const [path, encrypt] of [['a.json', encryptJson], ['a.yaml', encryptYaml]] as const) {
      const clear = await decrypt(path, Buffer.from(await encrypt(document, OPTIONS)));
      if (JSON.stringify(parseYaml(clear?.toString() ?? '').value) !== JSON.stringify(document)) throw new Error(`another document: ${clear?.toString()}`);
    }
  }));
  t.pass();
});

test.serial('a file of which one bit was flipped is refused, or its values are what they were', async (t) => {
  t.timeout(600_000);
  // What has no value (null, empty text, lists and maps) is bound to nothing by SOPS' format.
  const full = tree(fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean()), 1);
  const files = await Promise.all(fc.sample(full, 20).map(async (document) => ({ document, content: Buffer.from(await encryptJson(document, OPTIONS)) })));
  await fuzz(fc.asyncProperty(fc.constantFrom(...files), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 0, max: 7 }), async ({ document, content }, place, bit) => {
    const index = Math.floor(place * content.length);
    const changed = Buffer.from(content);
    changed[index] = (changed[index] ?? 0) ^ (1 << bit);
    const clear = await decrypt('a.json', changed).catch((error: unknown) => {
      if (error instanceof DecryptionError) return undefined;
      throw error;
    });
    if (clear && JSON.stringify(parseYaml(clear.toString()).value) !== JSON.stringify(document)) throw new Error(`bit ${bit} of byte ${index}: ${clear.toString()}`);
  }));
  t.pass();
});
