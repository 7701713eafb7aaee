import test from 'ava';
import { SourceError } from '#sync/errors.ts';
import { resolveUrl, submodulesOf } from '#sync/source/submodules.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';

const ID = 'a'.repeat(40);

for (const [base, url, expected] of [
  ['https://host.test/team/app.git', '../lib.git', 'https://host.test/team/lib.git'],
  ['https://host.test/team/app', './lib', 'https://host.test/team/app/lib'],
  ['https://host.test:8443/team/app.git/', '../../other/lib.git', 'https://host.test:8443/other/lib.git'],
  ['https://host.test/app.git', '../../lib.git', undefined],
  ['git@host.test:team/app.git', '../lib.git', 'git@host.test:team/lib.git'],
  ['git@host.test:app.git', '../lib.git', 'git@host.test:lib.git'],
  ['git@host.test:app.git', '../../lib.git', undefined],
  ['ssh://git@host.test:22/team/app.git', '../lib.git', 'ssh://git@host.test:22/team/lib.git'],
  ['https://host.test/app.git', 'https://other.test/lib.git', 'https://other.test/lib.git'],
] as const) {
  test(`${url} beside ${base} is ${expected}`, (t) => t.is(resolveUrl(base, url), expected));
}

const found = async (modules: string | undefined, ...paths: readonly string[]) => {
  const repository = await createTemporaryRepository();
  try {
    repository.commit(modules === undefined ? { a: '1' } : { '.gitmodules': modules });
    for (const path of paths) repository.git('update-index', '--add', '--cacheinfo', `160000,${ID},${path}`);
    repository.git('commit', '--quiet', '--allow-empty', '--message=submodules');
    const query = { git: { gitBinary: 'git', gitDir: `${repository.path}/.git` }, commit: repository.git('rev-parse', 'HEAD'), base: 'https://host.test/team/app.git' };
    return (await submodulesOf(query)).map(({ path, commit, url }) => `${path} ${commit} ${url.url}`);
  } finally {
    await repository.dispose();
  }
};

test('submodules are those of the tree, with the addresses of .gitmodules', async (t) => {
  const modules = '[submodule "one"]\n\tpath = apps/ü one\n\turl = ../one.git\n[submodule "x.url"]\n\tpath = two\n\turl = https://other.test/two.git\n\tbranch = main\n[submodule "gone"]\n\tpath = gone\n\turl = ../gone.git\n';
  t.deepEqual(await found(modules, 'apps/ü one', 'two'), [`apps/ü one ${ID} https://host.test/team/one.git`, `two ${ID} https://other.test/two.git`]);
  t.deepEqual(await found(undefined, 'two'), [], 'without .gitmodules there are none');
});

for (const [what, modules, message] of [
  ['without an address', '[core]\n\tbare = false\n', /the submodule at two has no url in \.gitmodules/],
  ['of a path of this machine', '[submodule "two"]\n\tpath = two\n\turl = /srv/two\n', /neither relative nor of https or ssh/],
  ['of a file', '[submodule "two"]\n\tpath = two\n\turl = file:///srv/two\n', /neither relative nor of https or ssh/],
  ['of a command', '[submodule "two"]\n\tpath = two\n\turl = ext::sh -c id\n', /neither relative nor of https or ssh/],
  ['above the host', '[submodule "two"]\n\tpath = two\n\turl = ../../../two.git\n', /leads above its host/],
] as const) {
  test(`a submodule ${what} is refused`, async (t) => {
    const error = await t.throwsAsync(found(modules, 'two'), { instanceOf: SourceError });
    t.is(error?.data.reason, 'InvalidSubmodule');
    t.regex(error?.message ?? '', message);
  });
}
