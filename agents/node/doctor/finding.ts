/** What `headway doctor` says about one thing that Headway uses of the machine. */
export interface Finding {
  readonly name: string;
  /** `fail`: Headway cannot run here. `warn`: it runs, and `cost` is what that costs. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was found, in a few words. */
  readonly found: string;
  /** What the lack costs; empty when nothing lacks. */
  readonly cost: string;
  /** What to do about it; empty when nothing lacks. */
  readonly remedy: string;
}

/** What a check says when it is not content. */
export interface Lack {
  readonly level: 'warn' | 'fail';
  readonly cost: string;
  readonly remedy: string;
}

export const good = (name: string, found: string): Finding => ({ name, level: 'ok', found, cost: '', remedy: '' });
export const judged = (name: string, isGood: boolean, found: string, lack: Lack): Finding => (isGood ? good(name, found) : { name, found, ...lack });
