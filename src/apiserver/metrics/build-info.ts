import type { Exposition } from '#base/exposition.ts';
import { VERSION } from '../discovery/version.ts';

/** Which version serves: what dashboards and alerts compare between servers. */
export function writeBuildInfo(out: Exposition): void {
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = VERSION;
  out.gauge('kubernetes_build_info', 'The version that is served, as labels.', [{
    labels: { major, minor, git_version: gitVersion, git_commit: gitCommit, git_tree_state: gitTreeState, build_date: buildDate, go_version: goVersion, compiler, platform }, value: 1,
  }]);
}
