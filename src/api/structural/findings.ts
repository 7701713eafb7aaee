import { Problems } from '#api/validation/problems.ts';
import type { Correlation } from './correlation.ts';

/** What a value lacks, and how many checks it passed: of alternatives the one with most is reported. */
export class Findings {
  readonly problems = new Problems();
  matches = 0;

  get isValid(): boolean {
    return this.problems.causes.length === 0;
  }

  merge(other: Findings): void {
    this.matches += other.matches;
    for (const cause of other.problems.causes) {
      // Alternatives report the same fault more than once.
      if (!this.problems.causes.some((known) => known.field === cause.field && known.message === cause.message)) this.problems.causes.push(cause);
    }
  }
}

/** @param old what stood here before, when faults of what has not changed are to be let through. */
export type Check = (value: unknown, path: string, findings: Findings, old?: Correlation) => void;

export function wrongType(findings: Findings, path: string, wanted: string, found: string): void {
  findings.problems.typeInvalid(path, found, `${path} in body must be of type ${wanted}: ${JSON.stringify(found)}`);
}

/** These faults have no field of their own. */
export const refuse = (findings: Findings, text: string): void => findings.problems.invalid('', '', text);
