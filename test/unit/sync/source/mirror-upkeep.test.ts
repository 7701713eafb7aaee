import test from 'ava';
import { needsRepack, readCounts } from '#sync/source/mirror-upkeep.ts';

test('what git says of its objects is read', (t) => {
  t.deepEqual(readCounts('count: 12\nsize: 48\nin-pack: 900\npacks: 3\nsize-pack: 70\nprune-packable: 0\ngarbage: 0\nsize-garbage: 0\n'), { loose: 12, packs: 3 });
  t.deepEqual(readCounts(''), { loose: 0, packs: 0 });
});

for (const [loose, packs, expected] of [[0, 1, false], [500, 20, false], [501, 0, true], [0, 21, true]] as const) {
  test(`${loose} loose objects and ${packs} packs are ${expected ? 'repacked' : 'left alone'}`, (t) => t.is(needsRepack({ loose, packs }), expected));
}
