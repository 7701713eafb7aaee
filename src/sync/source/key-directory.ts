import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where keys are written for programs that read them from files only. Nobody else may look into it. */
export class KeyDirectory {
  readonly #root: string;
  #cleaned: Promise<void> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** A new, empty directory of mode 0700; whoever asks removes it. What a process that was killed left behind goes first. */
  async make(): Promise<string> {
    await (this.#cleaned ??= rm(this.#root, { recursive: true, force: true }));
    const directory = join(this.#root, randomBytes(8).toString('hex'));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }
}
