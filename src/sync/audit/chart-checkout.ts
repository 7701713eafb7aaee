import { chooseChart, type ChosenChart, type ChosenChartOptions } from '../source/chart/chosen-chart.ts';
import { GitHistory, type GitHistoryOptions } from './git-history.ts';

export interface ChartCheckout {
  readonly gitDir: string;
  /** The version in force. */
  readonly ref: string;
  readonly history: GitHistory;
}

/** Versions of a published chart as the commits that sync makes of them, in a mirror of the caller's own. @throws SourceError */
export async function openChartCheckout(options: ChosenChartOptions): Promise<ChartCheckout> {
  const chart = await chooseChart(options);
  const { gitDir, version } = chart;
  return { gitDir, ref: version, history: new ChartHistory({ gitDir, gitBinary: options.gitBinary, head: `refs/tags/${version}` }, chart) };
}

/** Knows all versions that are published, and fetches one when it is asked for. */
class ChartHistory extends GitHistory {
  readonly #chart: ChosenChart;

  constructor(options: GitHistoryOptions, chart: ChosenChart) {
    super(options);
    this.#chart = chart;
  }

  override async resolve(expression: string, signal?: AbortSignal): Promise<string | undefined> {
    await this.#chart.take(expression);
    return super.resolve(expression, signal);
  }
}
