/** What is wrong with a YAML text, in goyaml's words: `line 3: mapping values are not allowed in this context`. Thrown within this folder only. */
export class Fault {
  readonly words: string;

  /** @param line from 1; goyaml names none for what it finds in line 1, or the whole document has */
  constructor(problem: string, line = 0) {
    this.words = line > 0 ? `line ${line}: ${problem}` : problem;
  }
}

/** What is wrong is not known here. */
export const GIVEN_UP = new Fault('');
