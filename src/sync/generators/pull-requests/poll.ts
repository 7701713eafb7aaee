import type { PullRequestGenerator } from '#api/headway/v1/types.ts';
import type { Clock } from '#base/clock.ts';
import { parseDuration } from '../../source/duration.ts';
import { GeneratorError } from '../errors.ts';
import type { PullRequest } from './pull-request.ts';

const DEFAULT_INTERVAL_MS = 60_000;
/** Providers take more for an attack. */
const MIN_INTERVAL_MS = 1000;

interface Answer {
  readonly result: Promise<readonly PullRequest[]>;
  /** Monotonic; until then nobody asks again. */
  until: number;
}

/** Asks providers at most once each interval, whatever else makes the sets be looked at. */
export class PullRequestPoll {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #ask: (namespace: string, generator: PullRequestGenerator) => Promise<readonly PullRequest[]>;
  readonly #answers = new Map<string, Answer>();

  constructor(options: { readonly clock: Pick<Clock, 'monotonic'>; readonly ask: (namespace: string, generator: PullRequestGenerator) => Promise<readonly PullRequest[]> }) {
    this.#clock = options.clock;
    this.#ask = options.ask;
  }

  /** The last answer, or a new one when it is too old. Failures are answers too. @throws GeneratorError */
  get(namespace: string, generator: PullRequestGenerator): Promise<readonly PullRequest[]> {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#answers) if (until <= now) this.#answers.delete(key);
    const key = keyOf(namespace, generator);
    const known = this.#answers.get(key);
    if (known) return known.result;
    const answer: Answer = { result: this.#ask(namespace, generator), until: now + intervalOf(generator) };
    this.#answers.set(key, answer);
    answer.result.catch((error: unknown) => {
      if (error instanceof GeneratorError && error.data.retryAfterMs !== undefined) answer.until = Math.max(answer.until, now + error.data.retryAfterMs);
      // Whoever was aborted has learned nothing.
      else if (!(error instanceof GeneratorError)) this.#answers.delete(key);
    });
    return answer.result;
  }

  /** Milliseconds until the next question makes sense. */
  dueAfter(namespace: string, generator: PullRequestGenerator): number {
    const until = this.#answers.get(keyOf(namespace, generator))?.until;
    return until === undefined ? intervalOf(generator) : Math.max(1, until - this.#clock.monotonic());
  }
}

const keyOf = (namespace: string, generator: PullRequestGenerator): string => JSON.stringify([namespace, generator]);
const intervalOf = ({ pollInterval }: PullRequestGenerator): number => Math.max(MIN_INTERVAL_MS, parseDuration(pollInterval ?? '') ?? DEFAULT_INTERVAL_MS);
