/**
 * A process that keeps published charts for chart-cache.test.ts. Asked by message with what to take, `load` replaced by the archive's path, and answers with the
 * commit that the version has become, or with what went wrong.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ChartMirror } from '#sync/source/chart/chart-mirror.ts';
import type { PublishedChart } from '#sync/source/chart/chart-registry.ts';

export interface TakenChart extends Omit<PublishedChart, 'load'> {
  readonly gitDir: string;
  readonly archive: string;
}

process.on('message', ({ gitDir, archive, ...published }: TakenChart) => {
  new ChartMirror({ gitDir, gitBinary: 'git', chart: 'web', host: 'charts.example.org' })
    .take({ ...published, load: async () => readFileSync(archive) }, new AbortController().signal)
    .then(() => execFileSync('git', ['--git-dir', gitDir, 'rev-parse', `refs/tags/${published.version}`], { encoding: 'utf8' }).trim())
    .then((commit) => process.send?.(commit), (error: unknown) => process.send?.(String(error)));
});
process.on('disconnect', () => process.exit());
