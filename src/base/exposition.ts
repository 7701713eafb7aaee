import type { Histogram } from './histogram.ts';

export type Labels = Readonly<Record<string, string | number>>;
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}
export interface HistogramSample {
  readonly labels: Labels;
  readonly histogram: Histogram;
}

/** A part of a process that has figures to tell. */
export type MetricsWriter = (out: Exposition) => void;

/** Text of metrics for Prometheus, version 0.0.4. Families without samples are left out. */
export class Exposition {
  readonly #lines: string[] = [];

  counter(name: string, help: string, samples: readonly Sample[]): void {
    this.#plain('counter', name, help, samples);
  }

  gauge(name: string, help: string, samples: readonly Sample[]): void {
    this.#plain('gauge', name, help, samples);
  }

  histogram(name: string, help: string, samples: readonly HistogramSample[]): void {
    if (!this.#head('histogram', name, help, samples)) return;
    for (const { labels, histogram } of samples) {
      const counts = histogram.cumulative();
      histogram.bounds.forEach((bound, i) => this.#line(`${name}_bucket`, { ...labels, le: bound }, counts[i] ?? 0));
      this.#line(`${name}_bucket`, { ...labels, le: '+Inf' }, histogram.count);
      this.#line(`${name}_sum`, labels, histogram.sum);
      this.#line(`${name}_count`, labels, histogram.count);
    }
  }

  text(): string {
    return this.#lines.join('');
  }

  #plain(type: string, name: string, help: string, samples: readonly Sample[]): void {
    if (this.#head(type, name, help, samples)) for (const { labels, value } of samples) this.#line(name, labels, value);
  }

  #head(type: string, name: string, help: string, samples: readonly unknown[]): boolean {
    if (samples.length > 0) this.#lines.push(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    return samples.length > 0;
  }

  #line(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([key, of]) => `${key}="${escape(String(of))}"`);
    this.#lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`);
  }
}

const escape = (text: string): string => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));
