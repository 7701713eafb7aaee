import test from 'ava';
import type { Application, Repository } from '#api/headway/v1/types.ts';
import { excuseFor } from '#sync/offline/excuses.ts';

const application = (pinnedRevision?: string): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'web' }, spec: { repository: 'r', ...(pinnedRevision ? { pinnedRevision } : {}) } });
const repository = (url: string, ref?: string): Repository => ({ apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { name: 'r' }, spec: { url, ...(ref ? { ref } : {}) } });
const excuse = excuseFor({ urls: ['/srv/platform', 'git@git.example.org:team/platform.git'], branch: 'main' });

const CASES: readonly (readonly [string, Application, Repository | undefined, RegExp | undefined])[] = [
  ['a Repository that Git does not declare is taken for this one', application(), undefined, undefined],
  ['the same repository by another protocol', application(), repository('https://robot:secret@git.example.org/team/platform', 'main'), undefined],
  ['the same by ssh with a port', application(), repository('ssh://git@git.example.org:2222/team/platform.git'), undefined],
  ['the folder itself', application(), repository('/srv/platform'), undefined],
  ['another repository', application(), repository('https://robot:secret@git.example.org/team/other.git'), /^it follows https:\/\/git.example.org\/team\/other.git, another repository$/],
  ['another branch', application(), repository('/srv/platform', 'release'), /^it follows release, not main$/],
  ['a fixed commit', application('a'.repeat(40)), repository('/srv/platform'), /^it is pinned to a{12}$/],
];

for (const [name, of, in_, expected] of CASES) {
  test(name, (t) => (expected ? t.regex(excuse(of, in_) ?? '', expected) : t.is(excuse(of, in_), undefined)));
}

test('without a branch, as for two commits, every ref counts', (t) => {
  t.is(excuseFor({ urls: ['/srv/platform'], branch: '' })(application(), repository('/srv/platform', 'release')), undefined);
});
